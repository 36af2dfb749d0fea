import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { createInvalidationLink, type InvalidationLink } from '../../../shared/redis/invalidation-link.ts';
import { connectRedis, connectSubscriber, redisConnectionDefaults } from '../../../shared/redis/redis-connection.ts';
import { createRedisGateway, type RedisGateway } from '../../../shared/redis/redis-gateway.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { eventually } from '../cache/replica.ts';

let redis: RedisServer;
let opened: { link: InvalidationLink; gateway: RedisGateway }[] = [];

beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.close());
afterEach(async () => {
  await redis.resume();
  for (const { link } of opened) link.close();
  await Promise.all(opened.map(({ gateway }) => gateway.close()));
  opened = [];
});

function open(subscribeTo = redis): {
  link: InvalidationLink;
  own: Redis;
  heard: (string | null)[];
  changes: boolean[];
} {
  const options = { ...redisConnectionDefaults, url: redis.url };
  const gateway = createRedisGateway({ connection: connectRedis(options, 'test'), clock: systemClock });
  const heard: (string | null)[] = [];
  const changes: boolean[] = [];
  const link = createInvalidationLink(
    {
      gateway,
      subscriber: connectSubscriber({ ...options, url: subscribeTo.url }, 'test-subscriber'),
      clock: systemClock,
      events: {
        onInvalidated: (keys) => void heard.push(...(keys ?? [null])),
        onChange: (isConnected) => void changes.push(isConnected),
      },
    },
    { prefix: 'watched:' },
  );
  opened.push({ link, gateway });
  return { link, own: gateway.connection, heard, changes };
}

describe('the link by which invalidations are heard', () => {
  it('tells what others change, remove and let expire under the prefix, and nothing else', async () => {
    const { link, heard } = open();
    await eventually(() => link.isConnected);
    await redis.command('SET', 'other:a', 1);
    await redis.command('SET', 'watched:a', 1);
    await redis.command('DEL', 'watched:a');
    await redis.command('SET', 'watched:b', 1, 'PX', 1);
    await eventually(() => heard.length >= 4);
    expect(heard).toEqual(['watched:a', 'watched:a', 'watched:b', 'watched:b']);
  });

  it('does not tell what its own process changes', async () => {
    const { link, own, heard } = open();
    await eventually(() => link.isConnected);
    await own.set('watched:own', 1);
    await redis.command('SET', 'watched:others', 1);
    await eventually(() => heard.length > 0);
    expect(heard).toEqual(['watched:others']);
  });

  it('tells when everything may have changed', async () => {
    const { link, heard } = open();
    await eventually(() => link.isConnected);
    await redis.command('FLUSHALL');
    await eventually(() => heard.length > 0);
    expect(heard).toEqual([null]);
  });

  it('is given up within half a second when Redis hangs, and taken up again when it is well', async () => {
    const { link, changes } = open();
    await eventually(() => link.isConnected);
    await redis.pause();
    const pausedMs = performance.now();
    await eventually(() => !link.isConnected, 3000);
    expect(performance.now() - pausedMs).toBeLessThan(2000);
    await redis.resume();
    await eventually(() => link.isConnected);
    expect(changes).toEqual([true, false, true]);
  });

  it('is none while its two connections are on different servers, whose clients have the same ids', async () => {
    const other = await startRedisServer();
    const { link, changes } = open(other);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(link.isConnected).toBe(false);
    expect(changes).toEqual([]);
    await other.close();
  });
});
