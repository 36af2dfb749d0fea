import { openBlackHole } from '../../test/support/black-hole.ts';
import { atMost, withinMs } from './bound.ts';
import type { Fault } from './fault.ts';
import { addresses, portUrls, uncached } from './lab.ts';
import { askMany, others, outcomeOf, productQuery, timed, until } from './outcome.ts';

/** F07-F15: what happens to the connection and to the bytes on it. */
export const connectionFaults: readonly Fault[] = [
  {
    id: 'F07',
    fault: 'refused, 1 of 3',
    promise: 'success 100 %; ejected after 5',
    expected: { others: 'none', state: 'ejected' },
    off: { name: 'attempts: 1, ejectionFailures: 0', options: { policy: { attempts: 1, ejectionFailures: 0 } } },
    async meet(lab) {
      const fronts = await lab.fronts('catalog');
      const server = await lab.start({ ...uncached, env: addresses('catalog', fronts.urls) });
      await fronts.stop(0);
      const outcomes = await askMany(server, 60, { ask: { token: lab.token }, atOnce: 3 });
      const { instances } = await server.service('catalog');
      return { others: others(outcomes), state: instances.find(({ state }) => state !== 'up')?.state ?? 'up' };
    },
  },
  {
    id: 'F08',
    fault: 'refused, all 3',
    promise: 'PARTIAL(UNAVAILABLE); first answers within 400 ms, then 10 ms',
    expected: {
      first: 'PARTIAL(UNAVAILABLE)',
      firstMs: withinMs(400),
      onceOpen: 'PARTIAL(CIRCUIT_OPEN)',
      onceOpenMs: withinMs(10),
    },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      const fronts = await lab.fronts('catalog');
      await fronts.close();
      const policy = { healthCheckIntervalMs: 0 };
      const server = await lab.start({ ...uncached, policy, env: addresses('catalog', fronts.urls) });
      const first = await timed(() => server.ask(productQuery, { token: lab.token }));
      for (let i = 0; i < 4; i += 1) await server.ask(productQuery, { token: lab.token });
      const then = await timed(() => server.ask(productQuery, { token: lab.token }));
      return {
        first: outcomeOf(first.result),
        firstMs: first.ms,
        onceOpen: outcomeOf(then.result),
        onceOpenMs: then.ms,
      };
    },
  },
  {
    id: 'F09',
    fault: 'connect black hole, one of three / all',
    promise: 'success / PARTIAL(TIMEOUT) after attempts x connect timeout (here 200 ms) + backoff',
    expected: { one: 'none', all: 'PARTIAL(TIMEOUT)', allMs: withinMs(650) },
    off: { name: 'connectTimeoutMs: 60000', options: { policy: { connectTimeoutMs: 60_000 } } },
    async meet(lab) {
      const holes = await Promise.all([openBlackHole(), openBlackHole(), openBlackHole()]);
      for (const hole of holes) lab.defer(() => hole.close());
      const policy = { ...uncached.policy, connectTimeoutMs: 200 };
      const mixed = [holes[0]?.url ?? '', ...lab.shop.services.catalog.slice(1)];
      const one = await lab.start({ ...uncached, policy, env: addresses('catalog', mixed), deadlineMs: 3000 });
      const outcomes = await askMany(one, 6, { ask: { token: lab.token } });
      const urls = holes.map(({ url }) => url);
      const all = await lab.start({ ...uncached, policy, env: addresses('catalog', urls), deadlineMs: 3000 });
      const { result, ms } = await timed(() => all.ask(productQuery, { token: lab.token }));
      return { one: others(outcomes), all: outcomeOf(result), allMs: ms };
    },
  },
  {
    id: 'F10',
    fault: 'accepts, never answers',
    promise: 'PARTIAL(DEADLINE_EXCEEDED) after the deadline (here 500 ms) + 100 ms; sockets freed',
    expected: { outcome: 'PARTIAL(DEADLINE_EXCEEDED)', ms: withinMs(600), sockets: 0 },
    off: { name: 'deadline 8 s, not asked to be shorter', options: {} },
    async meet(lab) {
      const proxies = await lab.proxies('catalog');
      for (const proxy of proxies) proxy.isBlackHole = true;
      const server = await lab.start({ ...uncached, env: addresses('catalog', portUrls(proxies)) });
      const headers: Record<string, string> = lab.isOff ? {} : { 'x-request-timeout-ms': '500' };
      const { result, ms } = await timed(() => server.ask(productQuery, { token: lab.token, headers }));
      await until(() => proxies.every(({ open }) => open === 0), 1000);
      return { outcome: outcomeOf(result), ms, sockets: proxies.reduce((sum, { open }) => sum + open, 0) };
    },
  },
  ...(['head', 'body'] as const).map(
    (of): Fault => ({
      id: of === 'head' ? 'F11' : 'F12',
      fault: of === 'head' ? 'reset before headers' : 'reset mid-body',
      promise:
        of === 'head'
          ? 'success; retried'
          : 'success if idempotent; never truncated data; a write is repeated only with its idempotency key',
      expected: {
        outcome: 'success',
        attempts: 2,
        ...(of === 'body' ? { withKey: 'OrderNotFound', withoutKey: 1 } : {}),
      },
      off: { name: 'attempts: 1', options: { policy: { attempts: 1 } } },
      async meet(lab) {
        const proxies = await lab.proxies('catalog');
        const broken = { how: 'reset', of, afterBytes: of === 'head' ? 0 : 7, times: 1 } as const;
        const shared = { ...broken };
        for (const proxy of proxies) proxy.broken = shared;
        const server = await lab.start({ ...uncached, env: addresses('catalog', portUrls(proxies)) });
        const outcome = outcomeOf(await server.ask(productQuery, { token: lab.token }));
        const attempts = proxies.reduce((sum, { piecesUp }) => sum + piecesUp, 0);
        if (of === 'head') return { outcome, attempts };

        const orders = await lab.proxies('orders');
        const users = await lab.proxies('users');
        const lost = [{ ...broken }, { ...broken }] as const;
        for (const proxy of orders) proxy.broken = lost[0];
        for (const proxy of users) proxy.broken = lost[1];
        const env = { ...addresses('orders', portUrls(orders)), ...addresses('users', portUrls(users)) };
        const writing = await lab.start({ ...uncached, env });
        const cancel = 'mutation { cancelOrder(id: "order-0", idempotencyKey: "f12") { failure { __typename } } }';
        const cancelled = await writing.ask(cancel, { token: lab.token });
        const withKey = String(cancelled.body.data?.cancelOrder?.failure?.__typename);
        const rename = 'mutation { updateProfile(input: { name: "Ann" }) { viewer { name } } }';
        await writing.ask(rename, { token: lab.token });
        return { outcome, attempts, withKey, withoutKey: users.reduce((sum, { piecesUp }) => sum + piecesUp, 0) };
      },
    }),
  ),
  {
    id: 'F13',
    fault: 'body shorter than Content-Length',
    promise: 'as F12; 0 partial parses',
    expected: { outcome: 'success', attempts: 2 },
    off: { name: 'attempts: 1', options: { policy: { attempts: 1 } } },
    async meet(lab) {
      const proxies = await lab.proxies('catalog');
      const broken = { how: 'end', of: 'body', afterBytes: 20, times: 1 } as const;
      const shared = { ...broken };
      for (const proxy of proxies) proxy.broken = shared;
      const server = await lab.start({ ...uncached, env: addresses('catalog', portUrls(proxies)) });
      const outcome = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      return { outcome, attempts: proxies.reduce((sum, { piecesUp }) => sum + piecesUp, 0) };
    },
  },
  ...(['head', 'body'] as const).map(
    (of): Fault => ({
      id: of === 'head' ? 'F14' : 'F15',
      fault: of === 'head' ? 'headers at a byte at a time' : 'body at a byte at a time',
      promise: `PARTIAL(TIMEOUT) after the attempt's time (here 300 ms); ${of === 'head' ? 'a total cap, not an idle cap' : 'an idle timeout alone must fail this'}`,
      expected: { outcome: 'PARTIAL(TIMEOUT)', ms: withinMs(400), calls: atMost(1) },
      off: { name: 'attemptTimeoutMs: 60000', options: { policy: { attemptTimeoutMs: 60_000 } } },
      async meet(lab) {
        const proxies = await lab.proxies('catalog');
        for (const proxy of proxies) proxy.broken = { how: 'drip', of, afterBytes: 1, times: 9 };
        const policy = { ...uncached.policy, attempts: 1, attemptTimeoutMs: 300 };
        const env = addresses('catalog', portUrls(proxies));
        const server = await lab.start({ ...uncached, policy, env, deadlineMs: 3000 });
        const { result, ms } = await timed(() => server.ask(productQuery, { token: lab.token }));
        return { outcome: outcomeOf(result), ms, calls: lab.calls('catalog') };
      },
    }),
  ),
];
