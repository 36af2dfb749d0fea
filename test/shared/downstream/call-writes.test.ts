import { describe, expect, test } from 'vitest';
import { catalogEndpoints } from '../../../shared/domains/catalog/client.ts';
import { isOutcomeUnknown } from '../../../shared/downstream/failure.ts';
import { failureOf, idempotentWrite, outcome, write } from './support/calls.ts';
import type { Reaction } from './support/scripted-service.ts';
import { ok, setUpOpenShop, setUpShop, unavailable } from './support/shop.ts';

describe('writes', () => {
  test('F82: a write that was sent runs to its own timeout, whoever goes away', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUpShop();
    shop.react = () => 'hang';
    const failed = failureOf(call(write, { client: client.signal }));
    await clock.advance(100);
    client.abort();
    expect(isOutcomeUnknown(await failed)).toBe(true);
    await clock.advance(4800);
    expect(shop.received[0]?.isAborted).toBe(false);
    await clock.advance(200);
    expect(shop.received[0]?.isAborted).toBe(true);
  });

  test('the caller of a write leaves at the deadline, not knowing its outcome, while it goes on', async () => {
    const attempts: string[] = [];
    const { shop, call, clock } = setUpShop({ events: { onAttempt: ({ outcome }) => attempts.push(outcome) } });
    shop.react = () => ({ ...ok, afterMs: 4000 });
    const failed = failureOf(call(write, { budgetMs: 3000 }));
    await clock.advance(3000);
    const error = await failed;
    expect([error.code, isOutcomeUnknown(error)]).toEqual(['DEADLINE_EXCEEDED', true]);
    await clock.advance(1000);
    expect([shop.received[0]?.isAborted, attempts]).toEqual([false, ['answer']]);
  });

  test('a write that waits to be repeated when its client goes is not sent again', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUpShop();
    shop.react = () => unavailable;
    const ended = failureOf(call(idempotentWrite, { client: client.signal }));
    await clock.advance(10);
    client.abort();
    expect(isOutcomeUnknown(await ended)).toBe(false);
    await clock.advance(5000);
    expect(shop.received).toHaveLength(1);
  });

  test.each([
    ['a reset after it was sent', { error: 'ECONNRESET' }, true],
    ['a refused connection', { error: 'ECONNREFUSED', isUnsent: true }, false],
    ['no answer', 'hang', true],
    ['a 500', { status: 500 }, false],
    ['a 503', { status: 503 }, false],
    ['a gateway that lost the answer', { status: 504 }, true],
    ['a 409', { status: 409 }, false],
    ['a 200 that is not JSON', { status: 200, headers: { 'content-type': 'text/html' } }, true],
  ] as [string, Reaction, boolean][])(
    'F90: after %s its outcome is unknown: %3$s',
    async (_name, reaction, isUnknown) => {
      const { shop, call, clock } = setUpShop();
      shop.react = () => reaction;
      const failed = failureOf(call(write));
      await clock.advance(10_000);
      expect(isOutcomeUnknown(await failed)).toBe(isUnknown);
    },
  );

  test.each([[401], [409], [422]])(
    'a repeat that is refused with %i says nothing of the one that was lost',
    async (status) => {
      const { shop, call, clock } = setUpShop();
      shop.react = (_request, index) => (index === 0 ? { error: 'ECONNRESET' } : { status });
      const failed = failureOf(call(idempotentWrite));
      await clock.advance(10_000);
      expect(isOutcomeUnknown(await failed)).toBe(true);
    },
  );

  test('one lost attempt leaves the outcome unknown, however the last one ended', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = (_request, index) => (index === 0 ? { error: 'ECONNRESET' } : { status: 503 });
    const failed = failureOf(call(idempotentWrite));
    await clock.advance(10_000);
    const error = await failed;
    expect([error.code, isOutcomeUnknown(error)]).toEqual(['DOWNSTREAM_UNAVAILABLE', true]);
    expect(isOutcomeUnknown(new Error('wrapped', { cause: error }))).toBe(true);
  });

  test('a POST that only asks is none: it ends with its client', async () => {
    const client = new AbortController();
    const { shop, call, clock } = setUpShop();
    shop.react = () => 'hang';
    const failed = failureOf(call({ ...catalogEndpoints.quotes, service: 'shop' }, { client: client.signal }));
    await clock.advance(100);
    client.abort();
    expect(isOutcomeUnknown(await failed)).toBe(false);
    expect(shop.received.map(({ method, isAborted }) => [method, isAborted])).toEqual([['POST', true]]);
  });

  test('nor is it its own probe, and it is not let through by the night switch for reads', async () => {
    const quote = { ...catalogEndpoints.quotes, service: 'shop' };
    const { shop, call, clock } = await setUpOpenShop();
    shop.react = () => ok;
    await clock.advance(60_000);
    expect(await outcome(call(quote))).toBe('CIRCUIT_OPEN');
    await clock.advance(10);
    expect(shop.received).toHaveLength(1);
    shop.downstream.setMode('shop', 'fallback', 60_000);
    expect(await outcome(call(quote))).toBe('CIRCUIT_OPEN');
    expect(shop.received).toHaveLength(1);
  });

  test('a read’s outcome is never unknown', async () => {
    const { shop, call, clock } = setUpShop();
    shop.react = () => ({ error: 'ECONNRESET' });
    const failed = failureOf(call());
    await clock.advance(10_000);
    expect(isOutcomeUnknown(await failed)).toBe(false);
  });
});
