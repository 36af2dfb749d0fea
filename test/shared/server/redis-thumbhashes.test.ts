import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { connectRedis, redisConnectionDefaults } from '../../../shared/redis/redis-connection.ts';
import { createRedisGateway } from '../../../shared/redis/redis-gateway.ts';
import { createRedisThumbhashes } from '../../../shared/server/redis-thumbhashes.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.close());

async function openStore() {
  const connection = connectRedis({ ...redisConnectionDefaults, url: redis.url }, 'thumbhash-test');
  const gateway = createRedisGateway({ connection, clock: systemClock });
  onTestFinished(() => gateway.close());
  const clock = createFakeClock();
  const until = async (isAvailable: boolean) => {
    await expect.poll(() => gateway.isAvailable).toBe(isAvailable);
  };
  await until(true);
  return { store: createRedisThumbhashes({ gateway }, clock), clock, until };
}

describe('the thumbhashes in Redis', () => {
  it('are there for who asks, null where there are none', async () => {
    const { store } = await openStore();
    await store.set('a', 'hash a');
    expect(await store.getMany(['b', 'a'])).toEqual([null, 'hash a']);
  });

  it('are written once it is back, where it was away', async () => {
    const { store, clock, until } = await openStore();
    await redis.stop();
    await until(false);
    for (const key of ['c', 'd']) await store.set(key, `hash ${key}`);
    // Still away: the next try comes too soon.
    await clock.advance(5000);
    await redis.start();
    await until(true);
    expect(await store.getMany(['c', 'd'])).toEqual([null, null]);
    await clock.advance(5000);
    await expect.poll(() => store.getMany(['c', 'd'])).toEqual(['hash c', 'hash d']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are written once it takes them, where it was full', async () => {
    const { store, clock } = await openStore();
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await store.set('e', 'hash e');
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.getMany(['e'])).toEqual([null]);
    await clock.advance(5000);
    await expect.poll(() => store.getMany(['e'])).toEqual(['hash e']);
  });
});
