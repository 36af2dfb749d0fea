import { atMost, withinMs } from './bound.ts';
import type { Fault, Sighting } from './fault.ts';
import { type Lab, uncached } from './lab.ts';
import { askMany, codeOf, others, outcomeOf, productQuery, timed } from './outcome.ts';

async function cancelWithKey(lab: Lab): Promise<Sighting> {
  lab.fault('orders', { status: 500 });
  const server = await lab.start(uncached);
  const cancel = 'mutation { cancelOrder(id: "order-0", idempotencyKey: "f03") { failure { __typename } } }';
  const { body } = await server.ask(cancel, { token: lab.token });
  const outcome = body.data?.cancelOrder?.failure?.__typename ?? codeOf(body.errors?.[0]);
  return { outcome, calls: lab.calls('orders') };
}

/** F01-F06: what a service answers with its status. */
export const statusFaults: readonly Fault[] = [
  {
    id: 'F01',
    fault: 'one 503, then OK',
    promise: 'success; 2 calls',
    expected: { outcome: 'success', calls: 2 },
    off: { name: 'attempts: 1', options: { policy: { attempts: 1 } } },
    async meet(lab) {
      const fronts = await lab.fronts('catalog', { react: ({ index }) => (index === 0 ? { status: 503 } : 'pass') });
      const server = await lab.start({ ...uncached, env: { CATALOG_URLS: fronts.urls.join(',') } });
      const outcome = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      return { outcome, calls: fronts.requests.length };
    },
  },
  {
    id: 'F02',
    fault: '503 for 10 s',
    promise:
      'PARTIAL(UNAVAILABLE), then CIRCUIT_OPEN; at most 3 attempts a request; once open 0 calls, an answer in 10 ms',
    expected: {
      first: 'PARTIAL(UNAVAILABLE)',
      attempts: atMost(3),
      onceOpen: 'PARTIAL(CIRCUIT_OPEN)',
      callsOnceOpen: 0,
      msOnceOpen: withinMs(10),
    },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      lab.fault('catalog', { status: 503 });
      const server = await lab.start(uncached);
      let attempts = 0;
      const outcomes: string[] = [];
      for (let i = 0; i < 5; i += 1) {
        const before = lab.calls('catalog');
        outcomes.push(outcomeOf(await server.ask(productQuery, { token: lab.token })));
        attempts = Math.max(attempts, lab.calls('catalog') - before);
      }
      const callsBefore = lab.calls('catalog');
      const times: number[] = [];
      let then = '';
      for (let i = 0; i < 5; i += 1) {
        const { result, ms } = await timed(() => server.ask(productQuery, { token: lab.token }));
        then = outcomeOf(result);
        times.push(ms);
      }
      return {
        first: outcomes[0] ?? '',
        attempts,
        onceOpen: then,
        callsOnceOpen: lab.calls('catalog') - callsBefore,
        msOnceOpen: times.toSorted((left, right) => left - right)[2] ?? 0,
      };
    },
  },
  {
    id: 'F03',
    fault: '500 on a mutation without idempotency key',
    promise: 'PARTIAL; exactly 1 call',
    expected: { outcome: 'PARTIAL(UNAVAILABLE)', calls: 1 },
    off: { name: 'a mutation that has a key, and so may be repeated', options: {} },
    async meet(lab) {
      if (lab.isOff) return cancelWithKey(lab);
      lab.fault('users', { route: 'PATCH /users/{id}', status: 500 });
      const server = await lab.start(uncached);
      const mutation = 'mutation { updateProfile(input: { name: "Ann" }) { viewer { name } } }';
      const answer = await server.ask(mutation, { token: lab.token });
      return { outcome: outcomeOf(answer, 'updateProfile'), calls: lab.calls('users') };
    },
  },
  {
    id: 'F04',
    fault: '400/404/409/422',
    promise: '404 -> null; others BAD_USER_INPUT, CONFLICT; 0 retries, breaker unmoved',
    expected: {
      400: 'PARTIAL(BAD_USER_INPUT)',
      404: 'null',
      409: 'PARTIAL(CONFLICT)',
      422: 'PARTIAL(BAD_USER_INPUT)',
      retries: 0,
      breaker: 'closed',
    },
    off: { name: '503 in their place: what is taken for a failure', options: {} },
    async meet(lab) {
      const server = await lab.start(uncached);
      const seen: Record<string, string> = {};
      let retries = 0;
      for (const status of [400, 409, 422]) {
        lab.fault('catalog', { status: lab.isOff ? 503 : status });
        const before = lab.calls('catalog');
        seen[status] = others(await askMany(server, 6, { ask: { token: lab.token } })).replace('6 x ', '');
        retries += lab.calls('catalog') - before - 6;
      }
      lab.mend();
      lab.fault('users', { status: lab.isOff ? 503 : 404 });
      seen['404'] = others(
        await askMany(server, 6, {
          query: '{ viewer { id } categories { id } }',
          field: 'viewer',
          ask: { token: lab.token },
        }),
      ).replace('6 x ', '');
      const states = await Promise.all([server.service('catalog'), server.service('users')]);
      const breaker = states.map(({ breaker: { state } }) => state).find((state) => state !== 'closed') ?? 'closed';
      return { ...seen, retries: retries + lab.calls('users') - 3 * 6 - 6, breaker };
    },
  },
  {
    id: 'F05',
    fault: '401/403',
    promise: 'UNAUTHENTICATED, FORBIDDEN; 0 retries, breaker unmoved',
    expected: { 401: 'PARTIAL(UNAUTHENTICATED)', 403: 'PARTIAL(FORBIDDEN)', calls: 12, breaker: 'closed' },
    off: { name: '503 in their place: what is taken for a failure', options: {} },
    async meet(lab) {
      const server = await lab.start(uncached);
      const query = '{ orders(first: 1) { totalCount } viewer { id } }';
      const seen: Record<string, string> = {};
      for (const status of [401, 403]) {
        lab.fault('orders', { status: lab.isOff ? 503 : status });
        seen[status] = others(await askMany(server, 6, { query, field: 'orders', ask: { token: lab.token } })).replace(
          '6 x ',
          '',
        );
      }
      return { ...seen, calls: lab.calls('orders'), breaker: (await server.service('orders')).breaker.state };
    },
  },
  {
    id: 'F06',
    fault: '429 + Retry-After 7',
    promise: 'PARTIAL(RATE_LIMITED) with retryAfter; 0 retries within it',
    expected: { outcome: 'PARTIAL(RATE_LIMITED)', retryAfterSeconds: 7, calls: 1 },
    off: { name: 'Retry-After: 0 in its place, which nothing waits for', options: {} },
    async meet(lab) {
      lab.fault('catalog', { status: 429, retryAfterSeconds: lab.isOff ? 0 : 7 });
      const server = await lab.start(uncached);
      const answer = await server.ask(productQuery, { token: lab.token });
      const error = answer.body.errors?.[0];
      return {
        outcome: outcomeOf(answer),
        retryAfterSeconds: Number(error?.extensions['retryAfterSeconds']),
        calls: lab.calls('catalog'),
      };
    },
  },
];
