import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.ts';
import type { ThumbhashStore } from '../images/thumbhash-store.ts';
import type { RedisLink } from './redis-link.ts';

/** A placeholder is a nicety: an answer waits for it no longer than this. */
const readLimitMs = 20;
const writeLimitMs = 100;
const keptForSeconds = 90 * 86_400;
/** A Redis that hangs for a moment, or fails over, is back by then. */
const retryMs = 5000;
/** What an image process decodes in some minutes; past it the oldest wait until they are told again. */
const maxUntaken = 10_000;

const keyOf = (key: string): string => `shop-bff:thumbhash:{${encodeURIComponent(key)}}`;

/**
 * Placeholders that all machines share; without an answer from Redis in time there is none, and nobody is told. What Redis did
 * not take is kept here and written again until it does: whoever computed it does so once.
 */
export function createRedisThumbhashes(
  { gateway }: Pick<RedisLink, 'gateway'>,
  clock: Clock = systemClock,
): ThumbhashStore {
  const untaken = new LRUCache<string, string>({ max: maxUntaken });
  let isRetrying = false;

  async function write(key: string, thumbhash: string): Promise<boolean> {
    try {
      const [written] = await gateway.run(writeLimitMs, (redis) => [
        redis.set(keyOf(key), thumbhash, 'EX', keptForSeconds),
      ]);
      return written?.status === 'fulfilled';
    } catch {
      return false;
    }
  }

  function retryLater(): void {
    if (isRetrying || untaken.size === 0) return;
    isRetrying = true;
    clock.schedule(retryMs, () => void retry());
  }

  async function retry(): Promise<void> {
    // A copy: while one is written, others come in.
    const waiting = [...untaken];
    for (const [key, thumbhash] of waiting) {
      // The first that fails speaks for the rest.
      if (!(await write(key, thumbhash))) break;
      if (untaken.get(key) === thumbhash) untaken.delete(key);
    }
    isRetrying = false;
    retryLater();
  }

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
      if (await write(key, thumbhash)) {
        untaken.delete(key);
        return;
      }
      untaken.set(key, thumbhash);
      retryLater();
    },
  };
}
