import type { InstanceRegistry } from './discovery.ts';

/** The one command that the registry needs of a Redis connection: `(script, keys, args) => redis.eval(script, keys.length, ...keys, ...args)`. */
export type RedisEval = (
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

export interface AnnouncingRegistry extends InstanceRegistry {
  /** Says that an instance is alive for `ttlSeconds` more; to be said again at a third of that. */
  announce(service: string, origin: string, ttlSeconds: number): Promise<void>;
  /** Takes an instance out at once: the first thing that a shutdown does. */
  withdraw(service: string, origin: string): Promise<void>;
}

// One sorted set a service, scored by when each instance expires, in milliseconds by the clock of Redis itself: the clocks of
// the instances and of this process may be an hour off without keeping a dead one in or a live one out.
const now = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) `;
const announceScript = `${now}redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) redis.call('PEXPIRE', KEYS[1], 86400000)`;
const listScript = `${now}return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')`;
const withdrawScript = `redis.call('ZREM', KEYS[1], ARGV[1])`;

/** A registry of instances that announce themselves in a Redis and expire there. */
export function createRedisInstanceRegistry(
  redisEval: RedisEval,
  keyPrefix: string = 'instances:',
): AnnouncingRegistry {
  const keyOf = (service: string): string[] => [`${keyPrefix}${service}`];
  return {
    async list(service) {
      const origins = await redisEval(listScript, keyOf(service), []);
      if (!Array.isArray(origins)) throw new TypeError('The registry of instances did not answer with a list.');
      return origins.filter((origin) => typeof origin === 'string');
    },
    async announce(service, origin, ttlSeconds) {
      await redisEval(announceScript, keyOf(service), [origin, Math.round(ttlSeconds * 1000)]);
    },
    async withdraw(service, origin) {
      await redisEval(withdrawScript, keyOf(service), [origin]);
    },
  };
}
