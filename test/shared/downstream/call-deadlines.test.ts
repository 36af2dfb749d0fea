import { describe, expect, test, vi } from 'vitest';
import { Abort } from '../../../shared/abort.ts';
import { createScope, outcome, read } from './support/calls.ts';
import { ok, setUpShop, unavailable } from './support/shop.ts';

describe('deadlines', () => {
  test('no attempt starts with less than 100 ms left', async () => {
    const { shop, call } = setUpShop();
    expect(await outcome(call(read, { budgetMs: 99 }))).toBe('DEADLINE_EXCEEDED');
    expect(shop.received).toHaveLength(0);
  });

  test('F10: a service that never answers costs the deadline, in two attempts', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => 'hang';
    const ended = outcome(call(read, { budgetMs: 3000, attemptCapMs: 1500 }));
    await clock.advance(3000);
    expect(await ended).toBe('DEADLINE_EXCEEDED');
    expect(shop.received.map((request) => [request.atMs, request.isAborted])).toEqual([
      [0, true],
      [1550, true],
    ]);
  });

  test('the code is DOWNSTREAM_TIMEOUT when the service’s own time ended it', async () => {
    const { shop, call, clock } = setUpShop({ policy: { attemptTimeoutMs: 1000 } });
    shop.react = () => 'hang';
    const ended = outcome(call());
    await clock.advance(3200);
    expect(await ended).toBe('DOWNSTREAM_TIMEOUT');
    expect(shop.received).toHaveLength(3);
  });

  test('an attempt goes on for whoever has joined its call meanwhile with more time', async () => {
    const { shop, clock } = setUpShop();
    shop.react = () => ({ ...ok, afterMs: 200 });
    let endsAtMs = clock.nowMs() + 110;
    const deadline = { signal: new Abort(), remainingMs: () => endsAtMs - clock.nowMs() };
    const ended = outcome(shop.downstream.call(read, {}, { ...createScope({ clock }), deadline }));
    await clock.advance(10);
    endsAtMs = clock.nowMs() + 3000;
    await clock.advance(190);
    expect(await ended).toBe(200);
  });

  test('F42: each hop is told what is left, which shrinks', async () => {
    const { shop, clock } = setUpShop();
    shop.react = () => ({ ...ok, afterMs: 2000 });
    const scope = createScope({ clock, budgetMs: 5000 });
    const codes: (number | string)[] = [];
    for (let hop = 0; hop < 3; hop++) {
      const ended = outcome(shop.downstream.call(read, {}, scope));
      await clock.advance(2000);
      codes.push(await ended);
    }
    expect(shop.received.map((request) => request.headers['x-request-timeout-ms'])).toEqual(['5000', '3000', '1000']);
    expect(codes).toEqual([200, 200, 'DEADLINE_EXCEEDED']);
  });

  test('F82: a read is aborted when its client goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => 'hang';
    const ended = Array.from({ length: 20 }, () => outcome(call(read, { client: client.signal })));
    await clock.advance(2000);
    client.abort();
    expect(new Set(await Promise.all(ended))).toEqual(new Set(['DEADLINE_EXCEEDED']));
    expect(shop.received.every((request) => request.isAborted)).toBe(true);
    expect(state()).toBe('closed');
  });

  test('a client that has already gone is asked nothing for', async () => {
    const { shop, call } = setUpShop();
    expect(await outcome(call(read, { client: AbortSignal.abort() }))).toBe('DEADLINE_EXCEEDED');
    expect(shop.received).toHaveLength(0);
  });

  test('an attempt that the deadline cut short counts from one second on', async () => {
    for (const [budgetMs, expected] of [
      [999, 'closed'],
      [1000, 'open'],
    ] as const) {
      const { shop, call, clock, state } = setUpShop({ policy: { attempts: 1 } });
      shop.react = () => 'hang';
      const ended = Array.from({ length: 5 }, () => outcome(call(read, { budgetMs })));
      await clock.advance(budgetMs);
      expect(await Promise.all(ended)).toEqual(Array(5).fill('DEADLINE_EXCEEDED'));
      expect(state()).toBe(expected);
    }
  });

  test('an adaptive timeout follows answers, not how fast failures come', async () => {
    const { shop, run, clock } = setUpShop({ policy: { attempts: 1, hasBreaker: false, isTimeoutAdaptive: true } });
    shop.react = (_request, index) => (index < 100 ? { ...ok, afterMs: 2000 } : unavailable);
    for (let i = 0; i < 200; i++) await run();
    shop.react = () => 'hang';
    const startedAtMs = clock.nowMs();
    expect(await run()).toBe('DOWNSTREAM_TIMEOUT');
    expect(clock.nowMs() - startedAtMs).toBe(2400);
  });

  test('nothing is left behind by calls that have ended', async () => {
    const { shop, run, clock } = setUpShop();
    shop.react = (_request, index) => [ok, unavailable, 'hang' as const, ok][index % 4] ?? ok;
    for (let i = 0; i < 20; i++) await run();
    const scope = createScope({ clock });
    const began = vi.spyOn(scope.deadline.signal, 'addEventListener');
    const ceased = vi.spyOn(scope.deadline.signal, 'removeEventListener');
    const ended = outcome(shop.downstream.call(read, {}, scope));
    await clock.advance(60_000);
    await ended;
    expect(began).toHaveBeenCalled();
    expect(ceased.mock.calls).toEqual(began.mock.calls);
    expect(clock.pendingTimers).toBe(0);
    expect(shop.downstream.snapshot()[0]).toMatchObject({ inFlight: 0, queued: 0 });
  });
});
