import { describe, expect, test } from 'vitest';
import { failureOf, outcome, write } from './support/calls.ts';
import { setUpShop } from './support/shop.ts';

describe('night switches', () => {
  test('fallback answers reads as an open breaker does and lets writes through', async () => {
    const { shop, run, call } = setUpShop();
    shop.downstream.setMode('shop', 'fallback', 60_000);
    expect(await failureOf(call())).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterSeconds: 60 });
    expect(await run(write)).toBe(200);
    expect(shop.received).toHaveLength(1);
  });

  test('off lets nothing through', async () => {
    const { shop, call } = setUpShop();
    shop.downstream.setMode('shop', 'off', 60_000);
    expect(await outcome(call())).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(await outcome(call(write))).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(0);
  });

  test('end by themselves, are shown, and are told of', async () => {
    const changes: string[] = [];
    const { shop, clock, call } = setUpShop({
      events: { onModeChange: ({ from, to, forMs }) => changes.push(`${from}>${to} ${forMs}`) },
    });
    expect(shop.downstream.setMode('shop', 'off', 60_000)).toEqual({ mode: 'off', leftMs: 60_000 });
    await clock.advance(59_999);
    expect(shop.downstream.snapshot()[0]?.mode).toEqual({ mode: 'off', leftMs: 1 });
    await clock.advance(1);
    const ended = outcome(call());
    await clock.advance(10);
    expect([await ended, changes]).toEqual([200, ['normal>off 60000', 'off>normal 0']]);
  });

  test('a later switch takes the place of an earlier one', async () => {
    const { shop, clock } = setUpShop();
    shop.downstream.setMode('shop', 'off', 1000);
    shop.downstream.setMode('shop', 'fallback', 5000);
    await clock.advance(2000);
    expect(shop.downstream.snapshot()[0]?.mode).toEqual({ mode: 'fallback', leftMs: 3000 });
    shop.downstream.setMode('shop', 'normal', 0);
    expect([shop.downstream.snapshot()[0]?.mode, clock.pendingTimers]).toEqual([{ mode: 'normal', leftMs: 0 }, 0]);
  });

  test.each([0, -1, Number.NaN, Infinity, 86_400_001])('refuse to last %s ms', (forMs) => {
    const { shop } = setUpShop();
    expect(() => shop.downstream.setMode('shop', 'off', forMs)).toThrow(RangeError);
  });

  test('of a service that is not there say which there are', () => {
    expect(() => setUpShop().shop.downstream.setMode('shoe', 'off', 1000)).toThrow(
      /no service "shoe"; the services are shop/,
    );
  });
});
