import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AnnouncingRegistry,
  createRedisInstanceRegistry,
} from '../../../shared/downstream/redis-instance-registry.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { readSource } from '../../support/source-files.ts';

let server: RedisServer;
let redis: Redis;
let registry: AnnouncingRegistry;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  registry = createRedisInstanceRegistry((script, keys, args) => redis.eval(script, keys.length, ...keys, ...args));
}, 120_000);

afterAll(async () => {
  redis?.disconnect();
  await server?.close();
});

test('an instance is listed while it announces itself', async () => {
  expect(await registry.list('catalog')).toEqual([]);
  await registry.announce('catalog', 'http://10.0.0.1:4001', 15);
  await registry.announce('catalog', 'http://10.0.0.2:4001', 15);
  await registry.announce('orders', 'http://10.0.0.3:4001', 15);
  expect((await registry.list('catalog')).toSorted()).toEqual(['http://10.0.0.1:4001', 'http://10.0.0.2:4001']);
});

test('it may do so as docs/operations.md says', async () => {
  const [, announce = '', withdraw = ''] = /^EVAL (.*)\nZREM (.*)$/m.exec(readSource('docs/operations.md')) ?? [];
  const [, script = '', keyCount, ...rest] = /^"(.*)" (\d) (\S+) (\S+) (\S+)$/.exec(announce) ?? [];
  await redis.eval(script, Number(keyCount), ...rest);
  expect(await registry.list('catalog')).toContain('http://10.0.0.7:8080');
  await redis.call('ZREM', ...withdraw.split(' '));
  expect(await registry.list('catalog')).not.toContain('http://10.0.0.7:8080');
});

test('an instance that falls silent expires, one that goes on does not', async () => {
  await registry.announce('users', 'http://10.0.0.1:4001', 0.15);
  await registry.announce('users', 'http://10.0.0.2:4001', 0.15);
  await registry.announce('users', 'http://10.0.0.2:4001', 60);
  await expect.poll(() => registry.list('users')).toEqual(['http://10.0.0.2:4001']);
});

test('what has expired is cleared away', async () => {
  await registry.announce('analytics', 'http://10.0.0.1:4001', 0.001);
  await expect.poll(() => registry.list('analytics')).toEqual([]);
  await registry.announce('analytics', 'http://10.0.0.2:4001', 60);
  expect(await redis.zcard('instances:analytics')).toBe(1);
});

test('an instance that shuts down is gone at once', async () => {
  await registry.announce('notifications', 'http://10.0.0.1:4001', 60);
  await registry.withdraw('notifications', 'http://10.0.0.1:4001');
  expect(await registry.list('notifications')).toEqual([]);
});
