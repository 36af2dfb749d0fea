import type { ServicesConfig } from '../config/services.ts';
import type { ServiceOptions } from '../downstream/downstream-client.ts';
import type { ServicePolicy } from '../downstream/policy.ts';
import { createRedisInstanceRegistry } from '../downstream/redis-instance-registry.ts';
import type { RedisLink } from './redis-link.ts';

/** Each service's instances, as its settings name them, and what of its policy is not as by default. */
export function toServices(
  services: ServicesConfig,
  redis: RedisLink | null,
  policy: Partial<ServicePolicy>,
): Record<string, ServiceOptions> {
  const options: Record<string, ServiceOptions> = {};
  for (const [name, setting] of Object.entries(services)) {
    options[name] = { instances: setting.kind === 'registry' ? registryIn(redis) : setting, policy };
  }
  return options;
}

/** A list that is a second late is still the last good one. */
const listTimeoutMs = 1000;

function registryIn(redis: RedisLink | null): ServiceOptions['instances'] {
  if (redis === null) throw new Error('A registry needs a Redis to be found in: set REDIS_URL.');
  const { gateway } = redis;
  const registry = createRedisInstanceRegistry(async (script, keys, args) => {
    const [answer] = await gateway.run(listTimeoutMs, (connection) => [
      connection.eval(script, keys.length, ...keys, ...args),
    ]);
    if (answer?.status === 'fulfilled') return answer.value;
    throw new Error('The registry did not answer.', { cause: answer?.reason });
  });
  return { kind: 'registry', registry };
}
