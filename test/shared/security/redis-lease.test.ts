import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { connectRedis, redisConnectionDefaults } from '../../../shared/redis/redis-connection.ts';
import { createRedisGateway } from '../../../shared/redis/redis-gateway.ts';
import { createRateLimiter, type RateCaller } from '../../../shared/security/rate-limit.ts';
import { createRedisLease } from '../../../shared/security/redis-lease.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.command('FLUSHALL');
});

const viewer: RateCaller = { viewerId: 'user-1', installId: null, address: '203.0.113.7' };

/** A lease of one replica, over a connection of its own that is up. */
async function openLease() {
  const connection = connectRedis({ ...redisConnectionDefaults, commandTimeoutMs: 5000, url: redis.url }, 'test');
  const gateway = createRedisGateway({ connection, clock: systemClock });
  onTestFinished(() => gateway.close());
  await expect.poll(() => gateway.isAvailable).toBe(true);
  return createRedisLease(gateway);
}

const minute = { limit: 100, windowMs: 60_000 };

describe('a lease', () => {
  it('grants what is left, once, to whoever asks first', async () => {
    const [one, other] = [await openLease(), await openLease()];
    expect(await one.take('viewer:a', 60, minute)).toMatchObject({ granted: 60, left: 40 });
    expect(await other.take('viewer:a', 60, minute)).toMatchObject({ granted: 40, left: 0 });
    expect(await one.take('viewer:a', 60, minute)).toMatchObject({ granted: 0, left: 0 });
    expect(await one.take('viewer:b', 60, minute)).toMatchObject({ granted: 60 });
  });

  it('never grants more than the limit to 50 that ask at the same instant', async () => {
    const leases = await Promise.all(Array.from({ length: 5 }, openLease));
    const grants = await Promise.all(
      leases.flatMap((lease) => Array.from({ length: 10 }, () => lease.take('viewer:a', 7, minute))),
    );
    expect(grants.reduce((sum, grant) => sum + grant.granted, 0)).toBe(100);
  });

  it('begins its window with the first grant and ends it by itself', async () => {
    const lease = await openLease();
    const { resetMs } = await lease.take('viewer:a', 100, { limit: 100, windowMs: 200 });
    expect(resetMs).toBe(200);
    expect((await lease.take('viewer:a', 1, { limit: 100, windowMs: 200 })).resetMs).toBeLessThanOrEqual(200);
    await expect.poll(async () => (await lease.take('viewer:a', 1, { limit: 100, windowMs: 200 })).granted).toBe(1);
  });

  it('keeps ids that look like keys apart', async () => {
    const lease = await openLease();
    for (const key of ['viewer:a', 'viewer:a:b', 'viewer:{a}', 'viewer:a\n', 'viewer:*', 'viewer%3Aa']) {
      expect(await lease.take(key, 100, minute)).toMatchObject({ granted: 100 });
    }
    expect(await redis.command('DBSIZE')).toBe(6);
  });

  it('is refused, not waited for, while Redis is gone', async () => {
    const lease = await openLease();
    await redis.stop();
    await expect(lease.take('viewer:a', 1, minute)).rejects.toThrow('Redis');
    await redis.start();
    await expect.poll(async () => (await lease.take('viewer:a', 1, minute).catch(() => null))?.granted).toBe(1);
  });
});

describe('two replicas over one Redis', () => {
  it('let a viewer spend its points once, up to a block each', async () => {
    const taking = new Set<Promise<unknown>>();
    const limiters = [await openLease(), await openLease()].map((lease) =>
      createRateLimiter({
        clock: systemClock,
        viewerPointsPerMinute: 500,
        lease: {
          take(...request) {
            const grant = lease.take(...request);
            taking.add(grant);
            return grant;
          },
        },
      }),
    );
    let allowed = 0;
    for (let index = 0; index < 1000; index += 1) {
      const limiter = limiters[index % 2];
      if (!limiter?.check(viewer).isAllowed) continue;
      limiter.charge(viewer, 1);
      allowed += 1;
      // As requests do, which take longer than Redis does.
      await Promise.all(taking);
      taking.clear();
    }
    expect(allowed).toBeGreaterThan(450);
    expect(allowed).toBeLessThanOrEqual(520);
  });
});
