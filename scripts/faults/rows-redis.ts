import { findFreePort } from '../../test/support/free-port.ts';
import { type RedisServer, startRedisServer } from '../../test/support/redis-server.ts';
import { startTcpProxy } from '../../test/support/tcp-proxy.ts';
import { atLeast, withinMs } from './bound.ts';
import type { Fault } from './fault.ts';
import type { Lab, ServerUnderFault } from './lab.ts';
import { others, outcomeOf, pause, timed, until } from './outcome.ts';

const ask = 'query ($id: ID!) { product(id: $id) { id name } }';

/** Asks for products that nobody has asked for, so that each looks into Redis and is written there. */
function createNewProducts(server: ServerUnderFault) {
  let next = 0;
  return async (count: number): Promise<{ others: string; usualMs: number; slowestMs: number }> => {
    const outcomes = new Map<string, number>();
    const times: number[] = [];
    for (let i = 0; i < count; i += 1) {
      next += 1;
      const { result, ms } = await timed(() => server.ask(ask, { variables: { id: `product-${next}` } }));
      const outcome = outcomeOf(result);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      times.push(ms);
    }
    const sorted = times.toSorted((left, right) => left - right);
    return {
      others: others(outcomes),
      usualMs: sorted[Math.floor(sorted.length / 4)] ?? 0,
      slowestMs: sorted.at(-1) ?? 0,
    };
  };
}

async function openRedis(lab: Lab): Promise<RedisServer> {
  const redis = await startRedisServer();
  lab.defer(() => redis.close());
  return redis;
}

async function startOver(lab: Lab, url: string): Promise<ServerUnderFault> {
  return lab.start({ env: { REDIS_URL: url }, policy: { healthCheckIntervalMs: 0 } });
}

async function redisState(server: ServerUnderFault): Promise<string> {
  const response = await fetch(`${server.adminUrl}/health`);
  return ((await response.json()) as { redis: string }).redis;
}

const isUp = (server: ServerUnderFault) => until(async () => (await redisState(server)) === 'up');

async function keyCount(redis: RedisServer): Promise<number> {
  return Number(await redis.command('DBSIZE'));
}

/** F52-F59: what a Redis can do. */
export const redisFaults: readonly Fault[] = [
  {
    id: 'F52',
    fault: 'Redis down at start',
    promise: 'starts and is ready within 5 s; serves',
    expected: { startMs: withinMs(5000), others: 'none' },
    off: null,
    async meet(lab) {
      const url = `redis://127.0.0.1:${await findFreePort()}`;
      const { result: server, ms } = await timed(() => startOver(lab, url));
      return { startMs: ms, others: (await createNewProducts(server)(10)).others };
    },
  },
  {
    id: 'F53',
    fault: 'Redis killed under load',
    promise: 'success; 0 errors; each request at most 100 ms slower',
    expected: { others: 'none', slowestMs: withinMs(150), comesBack: true },
    off: null,
    async meet(lab) {
      const redis = await openRedis(lab);
      const server = await startOver(lab, redis.url);
      await isUp(server);
      const product = createNewProducts(server);
      await product(20);
      const asking = product(60);
      await redis.kill();
      const { others: seen, slowestMs } = await asking;
      await redis.start();
      return { others: seen, slowestMs, comesBack: await isUp(server) };
    },
  },
  {
    id: 'F54',
    fault: 'Redis slow by 2 s / black hole / paused',
    promise: 'success; at most 100 ms more first, then at most 5 ms more',
    expected: { others: 'none', firstMoreMs: withinMs(100), thenMoreMs: withinMs(5) },
    off: null,
    async meet(lab) {
      const redis = await openRedis(lab);
      const proxy = await startTcpProxy(redis.port);
      lab.defer(() => proxy.close());
      const server = await startOver(lab, `redis://127.0.0.1:${proxy.port}`);
      await isUp(server);
      const product = createNewProducts(server);
      const { usualMs } = await product(20);
      const seen: string[] = [];
      let firstMoreMs = 0;
      let thenMoreMs = 0;
      for (const [begin, end] of [
        [() => (proxy.delayMs = 2000), () => (proxy.delayMs = 0)],
        [() => (proxy.isBlackHole = true), () => ((proxy.isBlackHole = false), proxy.cut())],
        [() => redis.pause(), () => redis.resume()],
      ] as const) {
        await begin();
        const first = await product(3);
        await until(async () => (await redisState(server)) !== 'up', 3000);
        const then = await product(10);
        seen.push(first.others, then.others);
        firstMoreMs = Math.max(firstMoreMs, first.usualMs - usualMs);
        thenMoreMs = Math.max(thenMoreMs, then.usualMs - usualMs);
        await end();
        await isUp(server);
      }
      return { others: seen.find((outcome) => outcome !== 'none') ?? 'none', firstMoreMs, thenMoreMs };
    },
  },
  {
    id: 'F56',
    fault: 'READONLY after failover',
    promise: 'success; writes again within 2 s of promotion',
    expected: { others: 'none', writesAgainMs: withinMs(2000) },
    off: null,
    async meet(lab) {
      const [redis, other] = [await openRedis(lab), await openRedis(lab)];
      const server = await startOver(lab, redis.url);
      await isUp(server);
      const product = createNewProducts(server);
      const before = await product(5);
      await redis.replicaOf(other);
      const during = await product(10);
      await redis.replicaOf(null);
      await redis.command('FLUSHALL');
      const { ms } = await timed(() =>
        until(async () => {
          await product(1);
          return (await keyCount(redis)) > 0;
        }),
      );
      return { others: [before.others, during.others].find((seen) => seen !== 'none') ?? 'none', writesAgainMs: ms };
    },
  },
  {
    id: 'F57',
    fault: 'Redis out of memory',
    promise: 'success; reads work, writes skipped',
    expected: { others: 'none', written: 0, state: 'up', readFromIt: true },
    off: null,
    async meet(lab) {
      const redis = await openRedis(lab);
      const server = await startOver(lab, redis.url);
      await isUp(server);
      await createNewProducts(server)(5);
      await until(async () => (await keyCount(redis)) >= 5);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      const keys = await keyCount(redis);
      const second = await startOver(lab, redis.url);
      await isUp(second);
      const before = lab.calls('catalog');
      const product = createNewProducts(second);
      const known = await product(5);
      const readFromIt = lab.calls('catalog') === before;
      const fresh = await product(10);
      return {
        others: [known.others, fresh.others].find((seen) => seen !== 'none') ?? 'none',
        written: (await keyCount(redis)) - keys,
        state: await redisState(second),
        readFromIt,
      };
    },
  },
  {
    id: 'F59',
    fault: 'corrupt, older-version or wrong-type entry',
    promise: 'a miss; 0 errors',
    expected: { others: 'none', spoilt: atLeast(5), asked: 6, state: 'up' },
    off: null,
    async meet(lab) {
      const redis = await openRedis(lab);
      const server = await startOver(lab, redis.url);
      await isUp(server);
      await createNewProducts(server)(6);
      const entries = async () => ((await redis.command('KEYS', '*catalog.products*')) as string[]).toSorted();
      await until(async () => (await entries()).length >= 6);
      const spoilt = await entries();
      const spoils = [
        (key: string) => redis.command('SET', key, '\u0002\u0000garbage'),
        (key: string) => redis.command('SET', key, ''),
        async (key: string) => {
          await redis.command('DEL', key);
          await redis.command('RPUSH', key, 'a', 'b');
        },
      ];
      for (const [index, key] of spoilt.entries()) await spoils[index % spoils.length]?.(key);
      const second = await startOver(lab, redis.url);
      await isUp(second);
      const before = lab.calls('catalog');
      const { others: seen } = await createNewProducts(second)(6);
      await pause(50);
      return {
        others: seen,
        spoilt: spoilt.length,
        asked: lab.calls('catalog') - before,
        state: await redisState(second),
      };
    },
  },
];
