import type { PointLease } from './point-budget.ts';

/** What of a Redis connection is used; ioredis has it. */
export interface ScriptRunner {
  eval(script: string, keyCount: number, ...args: readonly (string | number)[]): Promise<unknown>;
}

/** One round trip and atomic: two replicas that ask in the same instant never share a point. */
const takeScript = `
local left = tonumber(ARGV[2]) - tonumber(redis.call('GET', KEYS[1]) or '0')
local granted = math.max(0, math.min(tonumber(ARGV[1]), left))
if granted > 0 then redis.call('INCRBY', KEYS[1], granted) end
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  ttl = tonumber(ARGV[3])
  if granted > 0 then redis.call('PEXPIRE', KEYS[1], ttl) end
end
return {granted, ttl}`;

/** Leases points from a counter in Redis that all replicas share. */
export function createRedisLease(redis: ScriptRunner, prefix = 'rate'): PointLease {
  return {
    async take(key, points, { limit, windowMs }) {
      // The braces keep a cluster from splitting the key; ids are encoded, so that none can forge another's.
      const reply = await redis.eval(takeScript, 1, `${prefix}:{${encodeURIComponent(key)}}`, points, limit, windowMs);
      if (!Array.isArray(reply)) throw new Error('the lease script answered something else than a pair');
      return { granted: Number(reply[0]), resetMs: Number(reply[1]) };
    },
  };
}
