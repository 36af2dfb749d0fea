import type { ServerResponse } from 'node:http';
import { atLeast, atMost } from './bound.ts';
import type { Fault } from './fault.ts';
import { addresses, uncached } from './lab.ts';
import { askMany, codeOf, hopsQuery, openBreaker, others, outcomeOf, pause, productQuery, until } from './outcome.ts';

const open = { ...uncached.policy, breakerOpenMs: 300, breakerOpenJitter: 0, attempts: 1 };

/** F34-F42: the breaker, the retry budget, and time. */
export const breakerFaults: readonly Fault[] = [
  {
    id: 'F34',
    fault: 'half-open probe hangs',
    promise: 'CIRCUIT_OPEN; a new probe after the lease; never stuck',
    expected: { during: 'PARTIAL(CIRCUIT_OPEN)', recovers: true },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      const policy = { ...open, attemptTimeoutMs: 300 };
      const server = await lab.start({ ...uncached, policy });
      await openBreaker(lab, server);
      lab.fault('catalog', { hang: true });
      await pause(400);
      await server.ask(productQuery, { token: lab.token });
      const during = outcomeOf(await server.ask(productQuery, { token: lab.token }));
      lab.mend();
      const recovers = await until(
        async () => outcomeOf(await server.ask(productQuery, { token: lab.token })) === 'success',
      );
      return { during, recovers };
    },
  },
  {
    id: 'F35',
    fault: 'many callers at the half-open instant',
    promise: '1 goes through (of 1000 callers; 200 in `npm test`)',
    expected: { calls: 1 },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      // The bulkhead is not to be what holds them back.
      const server = await lab.start({ ...uncached, policy: { ...open, maxInFlight: 2000 } });
      await openBreaker(lab, server);
      lab.fault('catalog', { hang: true });
      await pause(400);
      const before = lab.calls('catalog');
      const callers = lab.count({ short: 200, full: 1000 });
      await askMany(server, callers, { ask: { token: lab.token }, atOnce: callers });
      return { callers, calls: lab.calls('catalog') - before };
    },
  },
  {
    id: 'F36',
    fault: 'many failures in the instant it opens',
    promise: 'the reset still comes (after 1000 at once; 100 in `npm test`)',
    expected: { failures: atLeast(100), opens: true, recovers: true },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      const callers = lab.count({ short: 100, full: 1000 });
      const held: ServerResponse[] = [];
      const failTogether = (response: ServerResponse): void => {
        held.push(response);
        if (held.length === callers) for (const one of held) one.writeHead(503).end();
      };
      const fronts = await lab.fronts('catalog', { react: () => ({ play: failTogether }) });
      const policy = { ...open, maxInFlight: 2000 };
      const server = await lab.start({ ...uncached, policy, env: addresses('catalog', fronts.urls) });
      await askMany(server, callers, { ask: { token: lab.token }, atOnce: callers });
      const failures = held.length;
      // Half-open has been open: on a busy machine the last of them come after its time is over.
      const opens = (await server.service('catalog')).breaker.state !== 'closed';
      fronts.react = () => 'pass';
      const recovers = await until(
        async () => outcomeOf(await server.ask(productQuery, { token: lab.token })) === 'success',
      );
      return { failures, opens, recovers };
    },
  },
  {
    id: 'F37',
    fault: 'half-open: ok, ok, fail',
    promise: 'open again; closes only after 3',
    expected: { afterTwo: 'half-open', afterFailure: 'open', afterThree: 'closed' },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      const server = await lab.start({ ...uncached, policy: open });
      const state = async (): Promise<string> => (await server.service('catalog')).breaker.state;
      /** A probe runs in the background: it has ended when its call is counted and nothing is in flight. */
      async function probe(): Promise<void> {
        const before = lab.calls('catalog');
        await server.ask(productQuery, { token: lab.token });
        await until(
          async () => lab.calls('catalog') > before && (await server.service('catalog')).inFlight === 0,
          1000,
        );
      }
      await openBreaker(lab, server);
      lab.mend();
      await pause(400);
      await probe();
      await probe();
      const afterTwo = await state();
      lab.fault('catalog', { status: 503 });
      await probe();
      const afterFailure = await state();
      lab.mend();
      await pause(400);
      for (let i = 0; i < 3; i += 1) await probe();
      return { afterTwo, afterFailure, afterThree: await state() };
    },
  },
  {
    id: 'F38',
    fault: '10 % random errors at volume',
    promise: 'success by retry; never opens; success >= 99.8 % (of 10,000 requests; 500 in `npm test`)',
    expected: { successPercent: atLeast(99.8), breaker: 'closed' },
    off: { name: 'attempts: 1', options: { policy: { attempts: 1 } } },
    async meet(lab) {
      lab.fault('catalog', { status: 503, rate: 0.1 });
      const server = await lab.start({ ...uncached, policy: { ...uncached.policy, ejectionFailures: 0 } });
      const count = lab.count({ short: 500, full: 10_000 });
      const outcomes = await askMany(server, count, { ask: { token: lab.token }, atOnce: 4 });
      const successPercent = (100 * (outcomes.get('success') ?? 0)) / count;
      return { successPercent, breaker: (await server.service('catalog')).breaker.state };
    },
  },
  {
    id: 'F39',
    fault: 'all fail, hundreds a second',
    promise: 'PARTIAL; downstream sees at most 1.2 x + 10 a second (breaker off, to see the budget alone)',
    expected: { overBudget: atMost(0), others: 'none' },
    off: { name: 'retryBudgetRatio: 10', options: { policy: { retryBudgetRatio: 10 } } },
    async meet(lab) {
      lab.fault('catalog', { status: 503 });
      const server = await lab.start({ ...uncached, policy: { ...uncached.policy, hasBreaker: false } });
      const count = lab.count({ short: 400, full: 1600 });
      const startedAtMs = performance.now();
      const outcomes = await askMany(server, count, { ask: { token: lab.token }, atOnce: 20 });
      const seconds = (performance.now() - startedAtMs) / 1000;
      // A budget starts with one second's worth.
      const allowed = Math.ceil(1.2 * count + 10 * (seconds + 1));
      const calls = lab.calls('catalog');
      return {
        requests: count,
        calls,
        overBudget: Math.max(0, calls - allowed),
        others: others(outcomes, 'PARTIAL(UNAVAILABLE)'),
      };
    },
  },
  {
    id: 'F40',
    fault: 'latency 20 -> 400 ms',
    promise: 'success; 0 timeouts, with adaptive timeouts on',
    expected: { others: 'none', breaker: 'closed' },
    off: { name: 'adaptiveTimeoutFloorMs: 0', options: { policy: { adaptiveTimeoutFloorMs: 0 } } },
    async meet(lab) {
      const policy = { ...uncached.policy, attempts: 1, isTimeoutAdaptive: true };
      const server = await lab.start({ ...uncached, policy });
      lab.fault('catalog', { delayMs: 20 });
      await askMany(server, 120, { ask: { token: lab.token }, atOnce: 4 });
      lab.fault('catalog', { delayMs: 400 });
      const outcomes = await askMany(server, 12, { ask: { token: lab.token }, atOnce: 2 });
      return { others: others(outcomes), breaker: (await server.service('catalog')).breaker.state };
    },
  },
  {
    id: 'F41',
    fault: 'latency beyond every wait, mobile and web',
    promise: 'PARTIAL, then open; whichever ended it names the code',
    expected: {
      byTimeout: 'PARTIAL(TIMEOUT)',
      byDeadline: 'DEADLINE_EXCEEDED',
      onceOpen: 'PARTIAL(CIRCUIT_OPEN)',
    },
    off: { name: 'hasBreaker: false', options: { policy: { hasBreaker: false } } },
    async meet(lab) {
      lab.fault('catalog', { delayMs: 2500 });
      const policy = { ...uncached.policy, attempts: 1, attemptTimeoutMs: 200 };
      const web = await lab.start({ ...uncached, policy });
      const byTimeout = outcomeOf(await web.ask(productQuery, { token: lab.token }));
      for (let i = 0; i < 4; i += 1) await web.ask(productQuery, { token: lab.token });
      const then = outcomeOf(await web.ask(productQuery, { token: lab.token }));
      const mobile = await lab.start({ ...uncached, client: 'mobile', deadlineMs: 600 });
      const late = await mobile.ask('{ product(id: "product-22") { id } }');
      return { byTimeout, byDeadline: codeOf(late.body.errors?.[0]), onceOpen: then };
    },
  },
  {
    id: 'F42',
    fault: 'three slow hops in a row',
    promise: 'the last DEADLINE_EXCEEDED; the header sent downstream shrinks each hop',
    expected: { code: 'DEADLINE_EXCEEDED', isLast: true, isShrinking: true },
    off: { name: 'deadline 8 s, not asked to be shorter', options: {} },
    async meet(lab) {
      const fronts = await lab.fronts('catalog');
      // Two hops and whatever a busy machine adds leave the third its 100 ms and less than it takes.
      lab.fault('catalog', { delayMs: 600 });
      const server = await lab.start({ ...uncached, env: addresses('catalog', fronts.urls) });
      const headers: Record<string, string> = lab.isOff ? {} : { 'x-request-timeout-ms': '1700' };
      const { body } = await server.ask(hopsQuery, { token: lab.token, headers });
      const left = fronts.requests.map(({ message }) => Number(message.headers['x-request-timeout-ms']));
      const isShrinking = left.length >= 3 && left.every((ms, hop) => hop === 0 || ms < (left[hop - 1] ?? 0));
      const [error] = body.errors ?? [];
      return {
        code: codeOf(error),
        isLast: error?.path?.includes('category') === true,
        isShrinking,
        headers: left.join(' > '),
      };
    },
  },
];
