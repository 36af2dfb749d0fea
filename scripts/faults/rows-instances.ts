import { Redis } from 'ioredis';
import { createRedisInstanceRegistry } from '../../shared/downstream/redis-instance-registry.ts';
import { startRedisServer } from '../../test/support/redis-server.ts';
import { atLeast, atMost } from './bound.ts';
import type { Fault } from './fault.ts';
import { addresses, uncached } from './lab.ts';
import { askMany, others, pause, until } from './outcome.ts';

const noEjection = {
  name: 'attempts: 1, ejectionFailures: 0',
  options: { policy: { attempts: 1, ejectionFailures: 0 } },
};

/** F43-F50: one instance of several, and the list of them. */
export const instanceFaults: readonly Fault[] = [
  {
    id: 'F43',
    fault: 'one bad instance of three',
    promise: 'success; client errors <= 0.1 %, service breaker closed',
    expected: { others: 'none', breaker: 'closed', callsToBad: atMost(6) },
    off: noEjection,
    async meet(lab) {
      lab.fault('catalog', { instance: 'catalog-1', status: 500 });
      const server = await lab.start(uncached);
      const outcomes = await askMany(server, lab.count({ short: 150, full: 600 }), {
        ask: { token: lab.token },
        atOnce: 2,
      });
      const { breaker } = await server.service('catalog');
      return { others: others(outcomes), breaker: breaker.state, callsToBad: lab.callsOf('catalog', 1) };
    },
  },
  {
    id: 'F44',
    fault: 'one slow instance of three',
    promise: 'success; its share <= 10 % within 10 s',
    expected: { others: 'none', sharePercent: atMost(10) },
    off: { name: "balancing: 'round-robin'", options: { policy: { balancing: 'round-robin' } } },
    async meet(lab) {
      const server = await lab.start(uncached);
      await askMany(server, 60, { ask: { token: lab.token }, atOnce: 3 });
      lab.fault('catalog', { instance: 'catalog-1', delayMs: 400 });
      const warm = await askMany(server, 60, { ask: { token: lab.token }, atOnce: 3 });
      const before = { all: lab.calls('catalog'), slow: lab.callsOf('catalog', 1) };
      const outcomes = await askMany(server, lab.count({ short: 150, full: 600 }), {
        ask: { token: lab.token },
        atOnce: 3,
      });
      const share = (lab.callsOf('catalog', 1) - before.slow) / (lab.calls('catalog') - before.all);
      return { others: others(new Map([...warm, ...outcomes])), sharePercent: Math.round(1000 * share) / 10 };
    },
  },
  {
    id: 'F45',
    fault: '/health fine, business 500',
    promise: 'success; ejected all the same',
    expected: { others: 'none', state: 'ejected' },
    off: noEjection,
    async meet(lab) {
      lab.fault('catalog', { instance: 'catalog-1', status: 500 });
      // In turn: where its errors take longer than the others' answers, two choices leave it alone before it has failed five times.
      const server = await lab.start({
        ...uncached,
        policy: { ...uncached.policy, healthCheckIntervalMs: 30, balancing: 'round-robin' },
      });
      const outcomes = await askMany(server, 60, { ask: { token: lab.token }, atOnce: 2 });
      const { instances } = await server.service('catalog');
      return { others: others(outcomes), state: instances.find(({ state }) => state !== 'up')?.state ?? 'up' };
    },
  },
  {
    id: 'F46',
    fault: '/health flaps, business fine',
    promise: 'success; 0 errors',
    expected: { others: 'none' },
    off: {
      name: 'healthDownAfter: 1, panicRatio: 0',
      options: { policy: { healthDownAfter: 1, panicRatio: 0 } },
    },
    async meet(lab) {
      lab.fault('catalog', { route: 'GET /health', status: 500, rate: 0.5 });
      const server = await lab.start({ ...uncached, policy: { ...uncached.policy, healthCheckIntervalMs: 20 } });
      return { others: others(await askMany(server, 150, { ask: { token: lab.token }, atOnce: 2 })) };
    },
  },
  {
    id: 'F47',
    fault: '2 of 3 unhealthy',
    promise: 'all are used',
    expected: { others: 'none', used: 3 },
    off: { name: 'panicRatio: 0', options: { policy: { panicRatio: 0 } } },
    async meet(lab) {
      for (const instance of ['catalog-1', 'catalog-2']) {
        lab.fault('catalog', { instance, route: 'GET /health', status: 500 });
      }
      const server = await lab.start({ ...uncached, policy: { ...uncached.policy, healthCheckIntervalMs: 20 } });
      await until(
        async () =>
          (await server.service('catalog')).instances.filter(({ state }) => state === 'unhealthy').length === 2,
      );
      const outcomes = await askMany(server, 60, { ask: { token: lab.token }, atOnce: 3 });
      const used = [1, 2, 3].filter((instance) => lab.callsOf('catalog', instance) > 0).length;
      return { others: others(outcomes), used };
    },
  },
  {
    id: 'F48',
    fault: 'registry down or empty',
    promise: 'the last good list; 0 errors',
    expected: { well: 'none', empty: 'none', down: 'none' },
    off: { name: 'a server that was not there before, and has no last list', options: {} },
    async meet(lab) {
      const redis = await startRedisServer();
      lab.defer(() => redis.close());
      const connection = new Redis(redis.url);
      connection.on('error', () => undefined);
      lab.defer(() => connection.disconnect());
      const registry = createRedisInstanceRegistry((script, keys, args) =>
        connection.eval(script, keys.length, ...keys, ...args),
      );
      for (const url of lab.shop.services.catalog) await registry.announce('catalog', url, 60);
      const start = () =>
        lab.start({
          ...uncached,
          policy: { ...uncached.policy, discoveryIntervalMs: 50 },
          env: { CATALOG_URLS: 'registry', REDIS_URL: redis.url },
        });
      const server = await start();
      const seen = async () =>
        others(await askMany(lab.isOff ? await start() : server, 20, { ask: { token: lab.token }, atOnce: 4 }));
      await until(async () => (await server.service('catalog')).instances.length === 3);
      const well = others(await askMany(server, 20, { ask: { token: lab.token } }));
      await redis.command('FLUSHALL');
      await pause(200);
      const empty = await seen();
      await redis.kill();
      await pause(200);
      return { well, empty, down: await seen() };
    },
  },
  {
    id: 'F50',
    fault: 'rolling restart under load',
    promise: 'success; 0 client errors',
    expected: { others: 'none', requests: atLeast(100) },
    off: { name: 'attempts: 1, ejectionFailures: 0', options: noEjection.options },
    async meet(lab) {
      const fronts = await lab.fronts('catalog');
      // An instance is away for a hundredth of the time that a restart takes, and so is its ejection.
      const policy = { ...uncached.policy, ejectionMs: 100 };
      const server = await lab.start({ ...uncached, policy, env: addresses('catalog', fronts.urls) });
      const outcomes = new Map<string, number>();
      const restarting = new AbortController();
      const load = (async () => {
        while (!restarting.signal.aborted) {
          for (const [outcome, count] of await askMany(server, 10, { ask: { token: lab.token }, atOnce: 5 })) {
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
          }
          await pause(25);
        }
      })();
      const seen = (more: number): Promise<boolean> => {
        const enough = fronts.requests.length + more;
        return until(() => fronts.requests.length >= enough);
      };
      for (const instance of [0, 1, 2]) {
        await seen(20);
        await fronts.stop(instance);
        await seen(30);
        await fronts.restart(instance);
      }
      restarting.abort();
      await load;
      return { others: others(outcomes), requests: [...outcomes.values()].reduce((sum, count) => sum + count, 0) };
    },
  },
];
