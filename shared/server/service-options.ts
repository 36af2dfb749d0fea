import type { InstanceSetting, ServicesConfig } from '../config/services.ts';
import type { HostLookup } from '../downstream/discovery.ts';
import type { ServiceOptions } from '../downstream/downstream-client.ts';
import type { ServicePolicy } from '../downstream/policy.ts';
import { createRedisInstanceRegistry } from '../downstream/redis-instance-registry.ts';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import type { RedisLink } from './redis-link.ts';

export interface ServiceSources {
  /** Where registries are found. */
  readonly redis: RedisLink | null;
  /** How the addresses of a DNS name are found; by the system where not given. */
  readonly lookup?: HostLookup | undefined;
}

/** Each service's instances, as its settings name them, and what of its policy is not as by default. */
export function toServices(
  services: ServicesConfig,
  sources: ServiceSources,
  policy: Partial<ServicePolicy>,
): Record<string, ServiceOptions> {
  const options: Record<string, ServiceOptions> = {};
  for (const [name, setting] of Object.entries(services))
    options[name] = { instances: sourceOf(setting, sources), policy };
  return options;
}

function sourceOf(setting: InstanceSetting, { redis, lookup }: ServiceSources): ServiceOptions['instances'] {
  switch (setting.kind) {
    case 'urls':
      return setting;
    case 'dns':
      return lookup === undefined ? setting : { ...setting, lookup };
    case 'registry':
      return registryIn(redis);
  }
}

/** A list that is a second late is still the last good one. */
const listTimeoutMs = 1000;

function registryIn(redis: RedisLink | null): ServiceOptions['instances'] {
  if (redis === null) throw new Error('A registry needs a Redis to be found in: set REDIS_URL.');
  const { gateway } = redis;
  const registry = createRedisInstanceRegistry(async (script, keys, args) => {
    await untilAvailable(gateway);
    const [answer] = await gateway.run(listTimeoutMs, (connection) => [
      connection.eval(script, keys.length, ...keys, ...args),
    ]);
    if (answer?.status === 'fulfilled') return answer.value;
    throw new Error('The registry did not answer.', { cause: answer?.reason });
  });
  return { kind: 'registry', registry };
}

/** At a start the first question comes before the connection; a list is wanted the moment that there is one, not a while later. */
function untilAvailable(gateway: RedisGateway): Promise<void> {
  if (gateway.isAvailable) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = gateway.onChange((isAvailable) => {
      if (!isAvailable) return;
      stop();
      resolve();
    });
  });
}
