import { describe, expect, test } from 'vitest';
import { failureOf, outcome, read, write } from './support/calls.ts';
import { createRandom, ok, setUpOpenShop, setUpShop, unavailable } from './support/shop.ts';

describe('the breaker', () => {
  test('counts calls, not attempts: what a retry mends is well', async () => {
    const { shop, run, state } = setUpShop();
    shop.react = (_request, index) => (index % 2 === 0 ? unavailable : ok);
    for (let i = 0; i < 30; i++) expect(await run()).toBe(200);
    expect(state()).toBe('closed');
  });

  test('F38: one error in ten at volume is mended and never opens it', async () => {
    const random = createRandom(7);
    const { shop, call, clock, transitions } = setUpShop({ random });
    shop.react = () => (random() < 0.1 ? unavailable : { ...ok, afterMs: 5 });
    const ended: Promise<number | string>[] = [];
    for (let i = 0; i < 3000; i++) {
      ended.push(outcome(call()));
      if (i % 5 === 4) await clock.advance(10);
    }
    await clock.advance(5000);
    const outcomes = await Promise.all(ended);
    expect(outcomes.filter((one) => one === 200).length / 3000).toBeGreaterThanOrEqual(0.998);
    expect(transitions).toEqual([]);
  });

  test('F34: a probe that hangs is followed by another after its lease', async () => {
    const { shop, call, clock, state } = await setUpOpenShop();
    shop.react = () => 'hang';
    await clock.advance(60_000);
    expect(await outcome(call())).toBe('CIRCUIT_OPEN');
    expect([state(), shop.received.length]).toEqual(['half-open', 1]);
    expect(await outcome(call())).toBe('CIRCUIT_OPEN');
    expect(shop.received).toHaveLength(1);
    await clock.advance(5000);
    expect(state()).toBe('open');
  });

  test('F35: of a thousand callers at the half-open instant one goes through, in the background', async () => {
    const { shop, call, clock } = await setUpOpenShop();
    shop.react = () => ({ ...ok, afterMs: 20 });
    await clock.advance(60_000);
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => outcome(call())));
    expect(new Set(outcomes)).toEqual(new Set(['CIRCUIT_OPEN']));
    expect(shop.received).toHaveLength(1);
  });

  test('the client of a probe may go away without ending it', async () => {
    const client = new AbortController();
    const { shop, call, clock } = await setUpOpenShop();
    shop.react = () => ({ ...ok, afterMs: 20 });
    await clock.advance(60_000);
    await outcome(call(read, { client: client.signal, budgetMs: 150 }));
    client.abort();
    await clock.advance(100);
    expect(shop.received[0]?.isAborted).toBe(false);
  });

  test('closes after three probes that went well', async () => {
    const { shop, call, clock, state, transitions } = await setUpOpenShop();
    shop.react = () => ok;
    await clock.advance(60_000);
    for (let i = 0; i < 3; i++) {
      expect(await outcome(call())).toBe('CIRCUIT_OPEN');
      await clock.advance(10);
    }
    expect(state()).toBe('closed');
    const ended = outcome(call());
    await clock.advance(10);
    expect(await ended).toBe(200);
    expect(transitions).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });

  test('a probe is one attempt, not three', async () => {
    const { shop, call, clock } = await setUpOpenShop({ attempts: 3, breakerFailures: 1 });
    shop.react = () => unavailable;
    await clock.advance(60_000);
    await outcome(call());
    await clock.advance(5000);
    expect(shop.received).toHaveLength(1);
  });

  test('a write is its own probe: it has nothing to fall back to', async () => {
    const { shop, call, clock, state } = await setUpOpenShop();
    shop.react = () => ok;
    await clock.advance(60_000);
    const ended = outcome(call(write));
    expect(await outcome(call(write))).toBe('CIRCUIT_OPEN');
    await clock.advance(10);
    expect([await ended, state()]).toEqual([200, 'half-open']);
  });

  test('hears nothing from a client that leaves, whatever came before', async () => {
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => unavailable;
    for (let i = 0; i < 10; i++) {
      const client = new AbortController();
      const ended = outcome(call(read, { client: client.signal }));
      await clock.advance(1);
      client.abort();
      await ended;
    }
    expect([shop.received.length, state()]).toEqual([10, 'closed']);
  });

  test('says when to come back', async () => {
    const { call, clock } = await setUpOpenShop();
    await clock.advance(18_950);
    expect(await failureOf(call())).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterSeconds: 41 });
  });

  test('opens on unreadable answers too', async () => {
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => ({ status: 200, headers: { 'content-type': 'text/html' } });
    for (let i = 0; i < 5; i++) {
      const ended = outcome(call());
      await clock.advance(10);
      expect(await ended).toBe('DOWNSTREAM_BAD_RESPONSE');
    }
    expect([shop.received.length, state()]).toEqual([5, 'open']);
  });

  test('hasBreaker false switches it off', async () => {
    const { shop, run, state } = setUpShop({ policy: { hasBreaker: false, attempts: 1 } });
    shop.react = () => unavailable;
    for (let i = 0; i < 50; i++) expect(await run()).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(state()).toBe('closed');
  });

  test('F40: a step of latency from 20 to 400 ms opens nothing, adaptive timeout or not', async () => {
    for (const isTimeoutAdaptive of [false, true]) {
      const { shop, run, transitions } = setUpShop({ policy: { isTimeoutAdaptive } });
      shop.react = (_request, index) => ({ ...ok, afterMs: index < 150 ? 20 : 400 });
      for (let i = 0; i < 300; i++) expect(await run()).toBe(200);
      expect(transitions).toEqual([]);
      expect(shop.received).toHaveLength(300);
    }
  });
});
