import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../../shared/downstream/call-scope.ts';
import { createScope, outcome, read } from './support/calls.ts';
import { ok, setUpOpenShop, setUpShop, unavailable } from './support/shop.ts';

describe('what is shown', () => {
  test('each call is in its request’s report', async () => {
    const { shop, clock } = setUpShop();
    const calls: CallRecord[] = [];
    const report = { add: (record: CallRecord) => void calls.push(record), addCacheLookup: () => {} };
    const scope = createScope({ clock, report });
    await clock.advance(5);
    shop.react = (_request, index) => (index === 0 ? unavailable : { ...ok, afterMs: 20 });
    const ended = shop.downstream.call({ ...read, query: ['ids'] }, { query: { ids: ['a', 'b'] }, keyCount: 2 }, scope);
    await clock.advance(1000);
    await ended;
    expect(calls).toEqual([
      {
        service: 'shop',
        method: 'GET',
        route: '/products',
        keyCount: 2,
        attempts: 2,
        outcome: '200',
        startedMs: 5,
        durationMs: 70,
        bytes: 13,
      },
    ]);
  });

  test('a snapshot has the figures, the breaker, the instances and the policy', async () => {
    const { shop } = await setUpOpenShop();
    expect(shop.downstream.snapshot()).toMatchObject([
      {
        service: 'shop',
        mode: { mode: 'normal', leftMs: 0 },
        breaker: { state: 'open', openForMs: 59_000 },
        instances: [{ id: 'a', state: 'up', inFlight: 0 }],
        calls: 5,
        successRate: 0,
        errorRate: 1,
        policy: { breakerOpenMs: 60_000 },
      },
    ]);
  });

  test.each([
    ['asks for fewer calls', 'DOWNSTREAM_RATE_LIMITED', { react: { status: 429 } }],
    ['is out of slots', 'OVERLOADED', { react: 'hang', policy: { maxInFlight: 0, maxQueued: 0 } }],
    ['was given too little time', 'DEADLINE_EXCEEDED', { react: 'hang', budgetMs: 300 }],
    ['has no instance', 'DOWNSTREAM_UNAVAILABLE', { source: { kind: 'registry', registry: { list: async () => [] } } }],
  ] as const)('a service that %s errs, and its breaker is unmoved', async (_what, code, how) => {
    const { shop, run } = setUpShop({
      ...('policy' in how ? { policy: how.policy } : {}),
      ...('source' in how ? { source: how.source } : {}),
    });
    if ('react' in how) shop.react = () => how.react;
    for (let i = 0; i < 10; i++) {
      expect(await run(read, 'budgetMs' in how ? { budgetMs: how.budgetMs } : {})).toBe(code);
    }
    expect(shop.downstream.snapshot()).toMatchObject([
      { calls: 10, successRate: 0, errorRate: 1, latencyMs: undefined, breaker: { state: 'closed' } },
    ]);
    await shop.downstream.close();
  });

  test('a call whose client left is neither a success nor an error', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => 'hang';
    const client = new AbortController();
    const ended = outcome(call(read, { client: client.signal }));
    await clock.advance(100);
    client.abort();
    await ended;
    expect(shop.downstream.snapshot()).toMatchObject([{ calls: 0, successRate: 1, errorRate: 0 }]);
  });

  test('a listener that throws breaks no call', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    const broken = (): never => {
      throw new Error('the listener broke');
    };
    const { run } = setUpShop({ events: { onAttempt: broken, onCall: broken } });
    expect(await run()).toBe(200);
    process.off('warning', onWarning);
    expect(warnings).toEqual(['the listener broke', 'the listener broke']);
  });

  test('a section is left out when less is left than the service lately took', async () => {
    const { shop, run } = setUpShop();
    shop.react = () => ({ ...ok, afterMs: 300 });
    for (let i = 0; i < 19; i++) await run();
    expect(shop.downstream.shouldSkip('shop', 100)).toBe(false);
  });

  test('an unknown service is a mistake of ours', async () => {
    const { shop } = setUpShop();
    await expect(shop.downstream.call({ ...read, service: 'shoe' }, {}, createScope())).rejects.toThrow(RangeError);
  });
});
