import type { RedisGateway } from '../redis/redis-gateway.ts';
import type { PointLease } from './point-budget.ts';

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
return {granted, math.max(0, left - granted), ttl}`;

/** No request waits for a lease: the connection's own limit of a command is what ends it. */
const limitMs = 1000;

/** Leases points from a counter in Redis that all replicas share. */
export function createRedisLease(redis: Pick<RedisGateway, 'run'>, prefix = 'rate'): PointLease {
  return {
    async take(key, points, { limit, windowMs }) {
      // The braces keep a cluster from splitting the key; the key is encoded, so that no id can forge another's.
      const name = `${prefix}:{${encodeURIComponent(key)}}`;
      const [outcome] = await redis.run(limitMs, (connection) => [
        connection.eval(takeScript, 1, name, points, limit, windowMs),
      ]);
      if (outcome === undefined || outcome.status === 'rejected') {
        throw new Error('Redis did not lease points', { cause: outcome?.reason });
      }
      const reply: unknown = outcome.value;
      if (!Array.isArray(reply)) throw new Error('the lease script answered something else than three numbers');
      return { granted: Number(reply[0]), left: Number(reply[1]), resetMs: Number(reply[2]) };
    },
  };
}
