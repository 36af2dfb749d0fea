import { describe, expect, test } from 'vitest';
import { outcome, read } from './support/calls.ts';
import { ok, setUpShop, unavailable } from './support/shop.ts';

describe('the bulkhead', () => {
  test('lets a hundred through, a hundred wait 50 ms, and turns the others away', async () => {
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => 'hang';
    const ended = Array.from({ length: 201 }, () => outcome(call()));
    await clock.advance(0);
    expect([shop.received.length, await ended[200]]).toEqual([100, 'OVERLOADED']);
    expect(shop.downstream.snapshot()[0]).toMatchObject({ inFlight: 100, queued: 100 });
    await clock.advance(50);
    expect(await ended[150]).toBe('OVERLOADED');
    expect(state()).toBe('closed');
  });

  test('holds no slot while a retry waits', async () => {
    const { shop, call, clock } = setUpShop({ policy: { maxInFlight: 1, maxQueued: 0 } });
    shop.react = (_request, index) => (index === 0 ? unavailable : ok);
    const first = outcome(call());
    await clock.advance(1);
    const second = outcome(call());
    await clock.advance(1000);
    expect([await first, await second]).toEqual([200, 200]);
  });

  test('a client that goes away while it waits takes no slot', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUpShop({ policy: { maxInFlight: 1 } });
    shop.react = () => ({ ...ok, afterMs: 30 });
    const first = outcome(call());
    const waiting = outcome(call(read, { client: client.signal }));
    client.abort();
    expect(await waiting).toBe('DEADLINE_EXCEEDED');
    await clock.advance(100);
    expect([await first, shop.received.length]).toEqual([200, 1]);
  });

  test('a call whose turn comes too late for an attempt gives its slot back', async () => {
    const { shop, call, clock } = setUpShop({ policy: { maxInFlight: 1 } });
    shop.react = () => ({ ...ok, afterMs: 40 });
    const first = outcome(call());
    const late = outcome(call(read, { budgetMs: 130 }));
    await clock.advance(40);
    expect([await first, await late, shop.received.length]).toEqual([200, 'DEADLINE_EXCEEDED', 1]);
    expect(shop.downstream.snapshot()[0]).toMatchObject({ inFlight: 0, queued: 0 });
  });
});
