import { describe, expect, test } from 'vitest';
import { outcome, read } from './support/calls.ts';
import { ok, setUpShop } from './support/shop.ts';

describe('F77: a stall of our own event loop', () => {
  test('is not held against the service: an answer that came meanwhile is taken', async () => {
    const { shop, call, clock, state } = setUpShop({ policy: { attemptTimeoutMs: 1000 } });
    shop.react = () => ({ ...ok, afterMs: 50 });
    const ended = Array.from({ length: 20 }, () => outcome(call()));
    clock.stall(2000);
    // The loop runs timers before it reads sockets: every timeout fires first, and late.
    await clock.advance(60);
    expect(new Set(await Promise.all(ended))).toEqual(new Set([200]));
    expect(state()).toBe('closed');
  });

  test('that eats the whole deadline opens no breaker', async () => {
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => ({ ...ok, afterMs: 50 });
    const ended = Array.from({ length: 20 }, () => outcome(call(read, { budgetMs: 1500 })));
    clock.stall(2000);
    await clock.advance(100);
    await Promise.all(ended);
    expect(state()).toBe('closed');
  });

  test('does not hide a service that is really slow', async () => {
    const { shop, call, clock, state } = setUpShop({ policy: { attemptTimeoutMs: 1000, attempts: 1 } });
    shop.react = () => 'hang';
    const ended = Array.from({ length: 5 }, () => outcome(call()));
    await clock.advance(500);
    clock.stall(2000);
    await clock.advance(1000);
    expect(new Set(await Promise.all(ended))).toEqual(new Set(['DOWNSTREAM_TIMEOUT']));
    expect(state()).toBe('open');
  });
});
