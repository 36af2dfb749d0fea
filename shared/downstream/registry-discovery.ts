import type { Redis } from 'ioredis';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import type { InstanceRegistry } from './discovery.ts';

/** Longer than an announcement's own pace, so that one lost announcement takes nobody out. */
const announcedForMs = 15_000;
const listTimeoutMs = 1000;

function keyOf(service: string): string {
  return `shop-bff:instances:{${encodeURIComponent(service)}}`;
}

/**
 * Announces an instance for the next 15 s; an instance calls this every 5 s. The members of the sorted set are origins, the
 * scores are when they expire, in milliseconds on Redis's own clock.
 */
export async function announceInstance(redis: Redis, service: string, origin: string): Promise<void> {
  const script = `local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[1], ms + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;
  await redis.eval(script, 1, keyOf(service), origin, announcedForMs);
}

/** The instances that have announced themselves and not expired. */
export function createRedisRegistry(gateway: RedisGateway): InstanceRegistry {
  return {
    async list(service) {
      const nowMs = Math.floor(gateway.nowMs());
      const [listed] = await gateway.run(listTimeoutMs, (redis) => [
        redis.zrangebyscore(keyOf(service), `(${nowMs}`, '+inf'),
      ]);
      if (listed === undefined || listed.status === 'rejected') {
        throw new Error('The registry did not answer.', { cause: listed?.reason });
      }
      return listed.value;
    },
  };
}
