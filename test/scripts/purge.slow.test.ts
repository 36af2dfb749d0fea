import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { type Stack, startStack } from '../support/stack.ts';

const run = promisify(execFile);
let redis: RedisServer;
let stack: Stack;

beforeAll(async () => {
  redis = await startRedisServer();
  stack = await startStack({ env: { REDIS_URL: redis.url } });
});

afterAll(async () => {
  await stack.close();
  await redis.close();
});

async function entriesOf(viewerId: string): Promise<readonly string[]> {
  return (await redis.command('KEYS', `shop-bff:e:v${viewerId.length}:${viewerId}*`)) as string[];
}

test('a purge leaves nothing of the viewer in Redis, and others keep theirs', async () => {
  for (const viewerId of ['user-1', 'user-10']) {
    const token = await stack.shop.token(viewerId);
    // What is asked for before Redis is there is not stored; the next answer is.
    await expect
      .poll(async () => {
        await stack.askMobile('{ viewer { name } }', { token });
        return (await entriesOf(viewerId)).length;
      })
      .toBeGreaterThan(0);
  }
  const before = (await redis.command('DBSIZE')) as number;
  const { stdout } = await run('node', ['scripts/purge.ts', 'user-1'], {
    env: { ...process.env, REDIS_URL: redis.url },
  });

  expect(stdout).toMatch(/^Removed [1-9]\d* entries of user-1 from Redis/);
  expect((await redis.command('DBSIZE')) as number).toBeLessThanOrEqual(before);
  expect(await entriesOf('user-1')).toEqual([]);
  expect((await entriesOf('user-10')).length).toBeGreaterThan(0);
});

test('without a viewer or a Redis one line says what to do', async () => {
  const fail = (args: string[], env: Record<string, string> = {}) =>
    run('node', ['scripts/purge.ts', ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } }).catch(
      (error: { stderr: string; code: number }) => error,
    );

  for (const args of [[], ['']]) {
    expect(await fail(args)).toMatchObject({
      code: 1,
      stderr: 'Say whose data to remove: npm run purge -- <viewer id>\n',
    });
  }
  expect(await fail(['user-1'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Set REDIS_URL/) });
});
