import type { ThumbhashStore } from '../images/thumbhash-store.ts';
import type { RedisLink } from './redis-link.ts';

/** A placeholder is a nicety: an answer waits for it no longer than this. */
const readLimitMs = 20;
const writeLimitMs = 100;
const keptForSeconds = 90 * 86_400;

const keyOf = (key: string): string => `shop-bff:thumbhash:{${encodeURIComponent(key)}}`;

/** Placeholders that all machines share; without an answer from Redis in time there is none, and nobody is told. */
export function createRedisThumbhashes({ gateway }: RedisLink): ThumbhashStore {
  return {
    async getMany(keys) {
      try {
        const found = await gateway.run(readLimitMs, (redis) => keys.map((key) => redis.get(keyOf(key))));
        return found.map((each) => (each.status === 'fulfilled' ? each.value : null));
      } catch {
        return keys.map(() => null);
      }
    },
    async set(key, thumbhash) {
      // The next decode of the same original tries again.
      await gateway
        .run(writeLimitMs, (redis) => [redis.set(keyOf(key), thumbhash, 'EX', keptForSeconds)])
        .catch(() => undefined);
    },
  };
}
