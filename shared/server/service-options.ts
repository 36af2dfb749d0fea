import type { ServicesConfig } from '../config/services.ts';
import type { ServiceOptions } from '../downstream/downstream-client.ts';
import type { ServicePolicy } from '../downstream/policy.ts';
import { createRedisRegistry } from '../downstream/registry-discovery.ts';
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

function registryIn(redis: RedisLink | null): ServiceOptions['instances'] {
  if (redis === null) throw new Error('A registry needs a Redis to be found in: set REDIS_URL.');
  return { kind: 'registry', registry: createRedisRegistry(redis.gateway) };
}
