import type { Redis } from 'ioredis';
import type { RedisGateway } from '../redis/redis-gateway.ts';

const keysPerTurn = 1000;
const limitMs = 1000;

/**
 * Goes through all of Redis and removes the keys that start so; returns how many.
 *
 * @throws Error - when Redis stops answering; running it again is safe.
 */
export async function removeByPrefix(gateway: RedisGateway, prefix: string): Promise<number> {
  const pattern = `${prefix.replace(/[\\*?[\]^]/g, '\\$&')}*`;
  let removed = 0;
  let cursor = '0';
  do {
    const from = cursor;
    const [next, keys] = await one(gateway, (redis) => redis.scan(from, 'MATCH', pattern, 'COUNT', keysPerTurn));
    if (keys.length > 0) removed += await one(gateway, (redis) => redis.unlink(...keys));
    cursor = next;
  } while (cursor !== '0');
  return removed;
}

async function one<T>(gateway: RedisGateway, command: (redis: Redis) => Promise<T>): Promise<T> {
  const [reply] = await gateway.run(limitMs, (redis) => [command(redis)]);
  if (reply?.status !== 'fulfilled') throw new Error('Redis stopped answering before all was removed: run it again.');
  return reply.value;
}
