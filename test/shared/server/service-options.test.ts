import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { loadConfig } from '../../../shared/config/config.ts';
import { createDownstream } from '../../../shared/downstream/downstream-client.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { openRedis } from '../../../shared/server/redis-link.ts';
import { toServices } from '../../../shared/server/service-options.ts';
import { startRedisServer } from '../../support/redis-server.ts';
import { createScope, outcome, read } from '../downstream/support/calls.ts';
import { startInstance } from '../downstream/support/wire-service.ts';

const logger = createLogger({ level: 'silent', server: 'test' });
const users = { ...read, service: 'users' };

/** A server's way to its services, of which `users` is found in this Redis. */
function open(redisUrl: string) {
  const env = { SERVICE_TOKEN: 'only-for-this-test-0123456789abcdef', REDIS_URL: redisUrl, USERS_URLS: 'registry' };
  const config = loadConfig(env, { port: 4001, adminPort: 4011, hasImages: false });
  const redis = openRedis(config.redis, systemClock, { logger });
  const policy = { healthCheckIntervalMs: 0, discoveryIntervalMs: 60_000 };
  const failures: unknown[] = [];
  const downstream = createDownstream({
    services: toServices(config.services, { redis }, policy),
    events: { onDiscoveryFailure: ({ service, error }) => service === 'users' && failures.push(error) },
  });
  onTestFinished(async () => {
    await downstream.close();
    await redis?.close();
  });
  const instancesOf = (service: string) =>
    downstream.snapshot().find((one) => one.service === service)?.instances.length;
  return { call: () => outcome(downstream.call(users, {}, createScope())), instancesOf, failures };
}

it('a registry is found from the first call on, though the server starts before it is connected to Redis', async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  const { url } = await startInstance((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await redis.command('ZADD', 'instances:users', Date.now() + 60_000, url);
  const { call, failures } = open(redis.url);
  expect(await call()).toBe(200);
  expect(failures).toEqual([]);
}, 120_000);

it('a registry is asked as soon as Redis comes, not an interval later', async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  await redis.kill();
  const { call, instancesOf } = open(redis.url);
  expect(await call()).toBe('DOWNSTREAM_UNAVAILABLE');
  await redis.start();
  await redis.command('ZADD', 'instances:users', Date.now() + 60_000, 'http://127.0.0.1:9');
  await expect.poll(() => instancesOf('users'), { timeout: 10_000 }).toBe(1);
}, 120_000);
