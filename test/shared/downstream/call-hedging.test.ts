import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../shared/downstream/endpoint.ts';
import { hedgedRead, idempotentWrite, outcome, read } from './support/calls.ts';
import type { Reaction, ScriptOptions } from './support/scripted-service.ts';
import { createRandom, ok, setUpShop } from './support/shop.ts';

describe('hedged reads', () => {
  async function setUpHedge(options: Omit<ScriptOptions, 'clock'> = {}) {
    const hedges: number[] = [];
    const set = setUpShop({
      instances: ['a', 'b'],
      ...options,
      events: { onHedge: ({ afterMs }) => hedges.push(afterMs) },
    });
    set.shop.react = () => ({ ...ok, afterMs: 20 });
    for (let i = 0; i < 20; i++) await set.run(hedgedRead);
    set.shop.received.length = 0;
    return { ...set, hedges };
  }

  test('ask another instance after the p95, take the first answer and give the other up', async () => {
    const { shop, call, clock, hedges } = await setUpHedge();
    shop.react = (_request, index) => (index === 0 ? 'hang' : { ...ok, afterMs: 20 });
    const ended = outcome(call(hedgedRead));
    await clock.advance(50);
    expect(await ended).toBe(200);
    expect(shop.received).toHaveLength(2);
    expect(shop.received[0]?.instance).not.toBe(shop.received[1]?.instance);
    expect(shop.received.map((request) => request.isAborted)).toEqual([true, false]);
    expect(hedges[0]).toBeCloseTo(20, -1);
  });

  test('that are answered before the p95 are asked once', async () => {
    const { shop, call, clock } = await setUpHedge();
    shop.react = () => ({ ...ok, afterMs: 10 });
    const ended = outcome(call(hedgedRead));
    await clock.advance(1000);
    expect([await ended, shop.received.length]).toEqual([200, 1]);
  });

  test('are not begun for an endpoint that does not ask, a write, a lone instance or a first handful of calls', async () => {
    const slow = (_request: unknown, index: number): Reaction => (index === 0 ? 'hang' : ok);
    const cases: [Endpoint, Omit<ScriptOptions, 'clock'>][] = [
      [read, {}],
      [{ ...idempotentWrite, isHedged: true }, {}],
      [hedgedRead, { instances: ['a'] }],
      [hedgedRead, { policy: { isHedging: false } }],
      [hedgedRead, { policy: { hedgeMinSamples: 21 } }],
    ];
    for (const [endpoint, options] of cases) {
      const { shop, call, clock } = await setUpHedge(options);
      shop.react = slow;
      void outcome(call(endpoint));
      await clock.advance(1000);
      expect(shop.received).toHaveLength(1);
      await clock.advance(20_000);
    }
  });

  test('stay within the retry budget', async () => {
    const { shop, call, clock } = await setUpHedge({ policy: { retryBudgetRatio: 0, retryBudgetPerSecond: 3 } });
    shop.react = () => 'hang';
    for (let i = 0; i < 50; i++) void outcome(call(hedgedRead));
    await clock.advance(100);
    expect(shop.received).toHaveLength(53);
  });

  test('wait for the other attempt when one fails', async () => {
    const { shop, call, clock } = await setUpHedge();
    shop.react = (_request, index) => (index === 0 ? { error: 'ECONNRESET', afterMs: 60 } : { ...ok, afterMs: 60 });
    const ended = outcome(call(hedgedRead));
    await clock.advance(100);
    expect([await ended, shop.received.length]).toEqual([200, 2]);
  });

  test('end both when the client goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock } = await setUpHedge();
    shop.react = () => 'hang';
    const ended = outcome(call(hedgedRead, { client: client.signal }));
    await clock.advance(50);
    client.abort();
    expect(await ended).toBe('DEADLINE_EXCEEDED');
    expect(shop.received.map((request) => request.isAborted)).toEqual([true, true]);
  });

  test('are one read in twenty, however often the second attempt wins', async () => {
    let hedges = 0;
    const random = createRandom(7);
    const { shop, run } = setUpShop({
      instances: ['a', 'b', 'c'],
      random,
      policy: { balancing: 'round-robin' },
      events: { onHedge: () => hedges++ },
    });
    // Without memory: a second attempt is as likely to win as the first, and half of the slow ones are never heard to the end.
    shop.react = () => ({ ...ok, afterMs: -50 * Math.log(1 - random()) });
    for (let i = 0; i < 1000; i++) await run(hedgedRead);
    expect(hedges / 1000).toBeGreaterThan(0.03);
    expect(hedges / 1000).toBeLessThan(0.07);
  });

  test('are timed by their own endpoint, not by a quicker one of the same service', async () => {
    const slowRead: Endpoint = { ...hedgedRead, route: '/search' };
    const { shop, run, hedges } = await setUpHedge();
    shop.react = () => ({ ...ok, afterMs: 200 });
    for (let i = 0; i < 30; i++) await run(slowRead);
    expect([shop.received.length, hedges]).toEqual([30, []]);
  });
});

describe('the reads of an optional section', () => {
  const section = { sectionLeftMs: 800, budgetMs: 3000, attemptCapMs: 1500 };

  test.each([['a', 'b'], ['a']])(
    'are asked a second time at half of its time, where the first attempt hangs',
    async (...instances) => {
      const { shop, call, clock } = setUpShop({ instances });
      shop.react = (_request, index) => (index === 0 ? 'hang' : { ...ok, afterMs: 20 });
      const ended = outcome(call(read, section));
      await clock.advance(420);
      expect(await ended).toBe(200);
      expect(shop.received.map(({ atMs, isAborted }) => [atMs, isAborted])).toEqual([
        [0, true],
        [400, false],
      ]);
      expect(new Set(shop.received.map(({ instance }) => instance)).size).toBe(instances.length);
    },
  );

  test('are answered by the first attempt where it is merely slow', async () => {
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => ({ ...ok, afterMs: 450 });
    const ended = Array.from({ length: 40 }, () => outcome(call(read, section)));
    await clock.advance(450);
    expect(new Set(await Promise.all(ended))).toEqual(new Set([200]));
    // No more than the retry budget allows.
    expect(shop.received.length).toBeLessThanOrEqual(40 * 1.2 + 10);
    expect(state()).toBe('closed');
  });

  test.each([
    ['nobody but sections waits, with too little left for two', read, { sectionLeftMs: 199 }, {}],
    ['more than sections wait', read, { sectionLeftMs: Infinity }, {}],
    ['they are no reads', idempotentWrite, section, {}],
    ['hedging is switched off', read, section, { isHedging: false }],
  ] as const)('are asked once where %s', async (_name, endpoint, scope, policy) => {
    const { shop, call, clock } = setUpShop({ policy: { attempts: 2, ...policy } });
    shop.react = () => ({ ...ok, afterMs: 1000 });
    const ended = outcome(call(endpoint, scope));
    await clock.advance(1000);
    expect([await ended, shop.received.length]).toEqual([200, 1]);
  });

  test('are not asked again once the section is over', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => 'hang';
    const ended = outcome(call(read, section));
    await clock.advance(3000);
    expect([await ended, shop.received.map(({ atMs }) => atMs)]).toEqual(['DOWNSTREAM_TIMEOUT', [0, 400]]);
  });
});
