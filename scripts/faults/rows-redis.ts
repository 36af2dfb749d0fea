import { findFreePort } from '../../test/support/free-port.ts';
import { type RedisServer, startRedisServer } from '../../test/support/redis-server.ts';
import { startTcpProxy } from '../../test/support/tcp-proxy.ts';
import { atLeast, withinMs } from './bound.ts';
import { openCacheAside, type Products, productById } from './cache-aside.ts';
import type { Fault } from './fault.ts';
import type { Lab } from './lab.ts';
import { others, outcomeOf, pause, timed, until } from './outcome.ts';

/** Asks for products that nobody has asked for, so that each looks into Redis and is written there. */
function createNewProducts(products: Pick<Products, 'ask'>) {
  let next = 0;
  return async (count: number): Promise<{ others: string; usualMs: number; slowestMs: number }> => {
    const outcomes = new Map<string, number>();
    const times: number[] = [];
    for (let i = 0; i < count; i += 1) {
      next += 1;
      const { result: outcome, ms } = await timed(() => products.ask(`product-${next}`));
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

async function keyCount(redis: RedisServer): Promise<number> {
  return Number(await redis.command('DBSIZE'));
}

/** Products as our own cache keeps them in this Redis; where that is off, as `openCacheAside` does. */
async function openProducts(lab: Lab, redisUrl: string): Promise<Products> {
  if (lab.isOff) {
    const server = await lab.start({ policy: { healthCheckIntervalMs: 0 }, cache: { isCaching: false } });
    return openCacheAside(lab, server, redisUrl);
  }
  return openOurs(lab, redisUrl);
}

async function openOurs(lab: Lab, redisUrl: string): Promise<Products> {
  const server = await lab.start({ env: { REDIS_URL: redisUrl }, policy: { healthCheckIntervalMs: 0 } });
  return {
    ask: async (id) => outcomeOf(await server.ask(productById, { variables: { id } })),
    async isUp() {
      const response = await fetch(`${server.adminUrl}/health`);
      return ((await response.json()) as { redis: string }).redis === 'up';
    },
  };
}

const untilUp = (products: Products) => until(() => products.isUp());

const aside = { name: "GET, ask, SET by ioredis's own defaults, in our cache's place", options: {} };

/** F52-F59: what a Redis can do. */
export const redisFaults: readonly Fault[] = [
  {
    id: 'F52',
    fault: 'Redis down at start',
    promise: 'starts and is ready within 5 s; serves',
    expected: { startMs: withinMs(5000), others: 'none' },
    off: aside,
    async meet(lab) {
      const url = `redis://127.0.0.1:${await findFreePort()}`;
      const { result: products, ms } = await timed(() => openProducts(lab, url));
      return { startMs: ms, others: (await createNewProducts(products)(10)).others };
    },
  },
  {
    id: 'F53',
    fault: 'Redis killed under load',
    promise: 'success; 0 errors; each request at most 100 ms slower',
    expected: { others: 'none', slowestMs: withinMs(150), comesBack: true },
    off: aside,
    async meet(lab) {
      const redis = await openRedis(lab);
      const products = await openProducts(lab, redis.url);
      await untilUp(products);
      const product = createNewProducts(products);
      await product(20);
      const asking = product(lab.isOff ? 30 : 60);
      await redis.kill();
      const { others: seen, slowestMs } = await asking;
      await redis.start();
      return { others: seen, slowestMs, comesBack: await untilUp(products) };
    },
  },
  {
    id: 'F54',
    fault: 'Redis slow by 2 s / black hole / paused',
    promise: 'success; at most 100 ms more first, then at most 5 ms more',
    expected: { others: 'none', firstMoreMs: withinMs(100), thenMoreMs: withinMs(5) },
    off: {
      name: 'cacheWaitMs, lookupLimitMs, limitMs, commandTimeoutMs: 60000 (deadline 2.5 s)',
      options: {
        cacheWaitMs: 60_000,
        cache: { lookupLimitMs: 60_000 },
        sharing: { limitMs: 60_000 },
        redis: { connection: { commandTimeoutMs: 60_000 } },
        deadlineMs: 2500,
      },
    },
    async meet(lab) {
      const redis = await openRedis(lab);
      const proxy = await startTcpProxy(redis.port);
      lab.defer(() => proxy.close());
      const products = await openOurs(lab, `redis://127.0.0.1:${proxy.port}`);
      await untilUp(products);
      const product = createNewProducts(products);
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
        const first = await product(lab.isOff ? 1 : 3);
        await until(async () => !(await products.isUp()), 3000);
        const then = await product(lab.isOff ? 2 : 10);
        seen.push(first.others, then.others);
        firstMoreMs = Math.max(firstMoreMs, first.usualMs - usualMs);
        thenMoreMs = Math.max(thenMoreMs, then.usualMs - usualMs);
        await end();
        await untilUp(products);
      }
      return { others: seen.find((outcome) => outcome !== 'none') ?? 'none', firstMoreMs, thenMoreMs };
    },
  },
  {
    id: 'F56',
    fault: 'READONLY after failover: the connection is still with the leader that was deposed',
    promise: 'success; writes again within 2 s of promotion',
    expected: { others: 'none', writesAgainMs: withinMs(2000) },
    off: {
      name: 'readonlyReconnectEveryMs: Infinity, reconnectAfterProbes: Infinity',
      options: {
        redis: { connection: { readonlyReconnectEveryMs: Infinity }, gateway: { reconnectAfterProbes: Infinity } },
      },
    },
    async meet(lab) {
      const [deposed, promoted] = [await openRedis(lab), await openRedis(lab)];
      const proxy = await startTcpProxy(deposed.port);
      lab.defer(() => proxy.close());
      const products = await openOurs(lab, `redis://127.0.0.1:${proxy.port}`);
      await untilUp(products);
      const product = createNewProducts(products);
      const before = await product(5);
      await deposed.replicaOf(promoted);
      const during = await product(10);
      // The address leads to the new leader, for whoever connects anew.
      proxy.targetPort = promoted.port;
      const { ms } = await timed(() =>
        until(async () => {
          await product(1);
          return (await keyCount(promoted)) > 0;
        }),
      );
      return { others: [before.others, during.others].find((seen) => seen !== 'none') ?? 'none', writesAgainMs: ms };
    },
  },
  {
    id: 'F57',
    fault: 'Redis out of memory',
    promise: 'success; reads work, writes skipped',
    expected: { others: 'none', written: 0, isUp: true, readFromIt: true },
    off: aside,
    async meet(lab) {
      const redis = await openRedis(lab);
      const products = await openProducts(lab, redis.url);
      await untilUp(products);
      await createNewProducts(products)(5);
      await until(async () => (await keyCount(redis)) >= 5);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      const keys = await keyCount(redis);
      const second = await openProducts(lab, redis.url);
      await untilUp(second);
      const before = lab.calls('catalog');
      const product = createNewProducts(second);
      const known = await product(5);
      const readFromIt = lab.calls('catalog') === before;
      const fresh = await product(10);
      return {
        others: [known.others, fresh.others].find((seen) => seen !== 'none') ?? 'none',
        written: (await keyCount(redis)) - keys,
        isUp: await second.isUp(),
        readFromIt,
      };
    },
  },
  {
    id: 'F59',
    fault: 'corrupt, older-version or wrong-type entry',
    promise: 'a miss; 0 errors',
    expected: { others: 'none', spoilt: atLeast(5), asked: 6, isUp: true },
    off: aside,
    async meet(lab) {
      const redis = await openRedis(lab);
      const products = await openProducts(lab, redis.url);
      await untilUp(products);
      await createNewProducts(products)(6);
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
      const second = await openProducts(lab, redis.url);
      await untilUp(second);
      const before = lab.calls('catalog');
      const { others: seen } = await createNewProducts(second)(6);
      await pause(50);
      return {
        others: seen,
        spoilt: spoilt.length,
        asked: lab.calls('catalog') - before,
        isUp: await second.isUp(),
      };
    },
  },
];
