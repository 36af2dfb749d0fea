import { describe, expect, test } from 'vitest';
import { createScope, failureOf, idempotentWrite, outcome, read, write } from './support/calls.ts';
import { ok, setUpShop, unavailable } from './support/shop.ts';

describe('retries', () => {
  test('F01: one 503 and then an answer is an answer, in two calls', async () => {
    const { shop, run } = setUpShop();
    shop.react = (_request, index) => (index === 0 ? unavailable : ok);
    expect(await run()).toBe(200);
    expect(shop.received).toHaveLength(2);
  });

  test('F02: three attempts at most, and then the circuit opens and nothing is asked', async () => {
    const { shop, run, call, clock } = setUpShop();
    shop.react = () => unavailable;
    expect(await run()).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(3);
    const ended = [1, 2, 3, 4].map(() => outcome(call()));
    await clock.advance(1000);
    await Promise.all(ended);
    const before = shop.received.length;
    expect(await outcome(call())).toBe('CIRCUIT_OPEN');
    expect(shop.received).toHaveLength(before);
  });

  test('F03: a 500 on a write without a key is asked once', async () => {
    const { shop, run } = setUpShop();
    shop.react = () => ({ status: 500 });
    expect(await run(write)).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(1);
  });

  test('a write with a key, or one that may be repeated, is repeated under the same key', async () => {
    const { clock, shop, run } = setUpShop();
    shop.react = (_request, index) => (index % 2 === 0 ? unavailable : ok);
    expect(await run(idempotentWrite)).toBe(200);
    const ended = shop.downstream.call(write, { idempotencyKey: 'key-1', body: { a: 1 } }, createScope({ clock }));
    await clock.advance(1000);
    expect((await ended).status).toBe(200);
    expect(shop.received.slice(2).map((request) => [request.headers['idempotency-key'], request.body])).toEqual([
      ['key-1', '{"a":1}'],
      ['key-1', '{"a":1}'],
    ]);
  });

  test('a write that was never sent is repeated without a key', async () => {
    const { shop, run } = setUpShop();
    shop.react = (_request, index) => (index === 0 ? { error: 'ECONNREFUSED', isUnsent: true } : ok);
    expect(await run(write)).toBe(200);
    expect(shop.received).toHaveLength(2);
  });

  test('each attempt goes to another instance', async () => {
    const { shop, run } = setUpShop({ instances: ['a', 'b', 'c'] });
    shop.react = () => unavailable;
    await run();
    expect(shop.received.map((request) => request.instance).toSorted()).toEqual(['a', 'b', 'c']);
  });

  test.each([
    [400, 'BAD_USER_INPUT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [409, 'CONFLICT'],
    [412, 'CONFLICT'],
    [413, 'BAD_USER_INPUT'],
    [422, 'BAD_USER_INPUT'],
  ])('F04, F05: a %i is %s, asked once, and leaves the breaker alone', async (status, code) => {
    const { shop, run, state } = setUpShop();
    shop.react = () => ({ status, body: { type: 'https://shop.example/problems/x' } });
    for (let i = 0; i < 20; i++) expect(await run()).toBe(code);
    expect(shop.received).toHaveLength(20);
    expect(state()).toBe('closed');
  });

  test('a refusal carries its status and problem, for our own code', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => ({ status: 409, body: { type: 'x' } });
    const failed = failureOf(call());
    await clock.advance(10);
    expect(await failed).toMatchObject({ status: 409, problem: { type: 'x' }, service: 'shop' });
  });

  test('a 4xx that the endpoint declares is an answer', async () => {
    const { shop, clock } = setUpShop();
    shop.react = () => ({ status: 409, body: { type: 'x' } });
    const ended = shop.downstream.call({ ...read, answers: [409] }, {}, createScope({ clock }));
    await clock.advance(10);
    expect(await ended).toMatchObject({ status: 409, body: { type: 'x' } });
  });

  test('F06: a 429 whose Retry-After is longer than any backoff ends the call at once, however much is left', async () => {
    const { shop, call, clock, state } = setUpShop();
    shop.react = () => ({ status: 429, headers: { 'retry-after': '7' } });
    for (let i = 0; i < 6; i++) {
      const failed = failureOf(call(read, { budgetMs: 60_000 }));
      await clock.advance(10);
      expect(await failed).toMatchObject({ code: 'DOWNSTREAM_RATE_LIMITED', retryAfterSeconds: 7 });
    }
    expect(shop.received).toHaveLength(6);
    expect(state()).toBe('closed');
  });

  test('so does a 503 that asks for as long', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => ({ status: 503, headers: { 'retry-after': '2' } });
    const failed = failureOf(call(read));
    await clock.advance(10);
    expect(await failed).toMatchObject({ code: 'DOWNSTREAM_UNAVAILABLE', retryAfterSeconds: 2 });
    expect(shop.received).toHaveLength(1);
  });

  test('a Retry-After of a second is waited for where that fits', async () => {
    const { shop, run } = setUpShop();
    shop.react = (_request, index) => (index === 0 ? { status: 429, headers: { 'retry-after': '1' } } : ok);
    expect(await run()).toBe(200);
    expect(shop.received[1]?.atMs).toBe(1050);
  });

  test.each([
    ['the request', { budgetMs: 1100 }],
    ['the section', { sectionLeftMs: 1100 }],
  ])('and not where it leaves %s no time for the attempt', async (_whose, left) => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => ({ status: 429, headers: { 'retry-after': '1' } });
    const failed = failureOf(call(read, left));
    await clock.advance(10);
    expect(await failed).toMatchObject({ code: 'DOWNSTREAM_RATE_LIMITED', retryAfterSeconds: 1 });
    expect(shop.received).toHaveLength(1);
  });

  test('a 429 that does not say when is not repeated', async () => {
    const { shop, run } = setUpShop();
    shop.react = () => ({ status: 429 });
    expect(await run()).toBe('DOWNSTREAM_RATE_LIMITED');
    expect(shop.received).toHaveLength(1);
  });

  test('a wait that would leave no time for the attempt is not begun', async () => {
    const { shop, call, clock } = setUpShop({ random: () => 0.99 });
    shop.react = () => ({ ...unavailable, afterMs: 850 });
    const ended = outcome(call(read, { budgetMs: 1000 }));
    await clock.advance(850);
    expect(await ended).toBe('DOWNSTREAM_UNAVAILABLE');
    expect(shop.received).toHaveLength(1);
  });

  test('the wait before a retry ends when the client goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUpShop();
    shop.react = () => unavailable;
    const ended = outcome(call(read, { client: client.signal }));
    await clock.advance(10);
    client.abort();
    expect(await ended).toBe('DEADLINE_EXCEEDED');
    await clock.advance(5000);
    expect(shop.received).toHaveLength(1);
  });

  test('attempts 1 switches them off', async () => {
    const { shop, run } = setUpShop({ policy: { attempts: 1 } });
    shop.react = (_request, index) => (index === 0 ? unavailable : ok);
    expect(await run()).toBe('DOWNSTREAM_UNAVAILABLE');
  });

  test('F39: when all fail at 500 a second, the service sees a fifth and ten a second more, and no more', async () => {
    const refused: number[] = [];
    const { shop, call, clock } = setUpShop({
      policy: { hasBreaker: false, maxInFlight: Infinity },
      events: { onRetryRefused: () => refused.push(1) },
    });
    shop.react = () => unavailable;
    const ended: Promise<unknown>[] = [];
    const seconds = 4;
    for (let i = 0; i < 500 * seconds; i += 10) {
      for (let j = 0; j < 10; j++) ended.push(outcome(call()));
      await clock.advance(20);
    }
    expect(shop.received.length).toBeLessThanOrEqual(1.2 * 500 * seconds + 10 * (seconds + 1));
    expect(shop.received.length).toBeGreaterThan(1.19 * 500 * seconds);
    expect(refused.length).toBeGreaterThan(0);
    await clock.advance(5000);
    await Promise.all(ended);
  });
});
