import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcome } from './support/calls.ts';
import { createRandom, ok, setUpShop } from './support/shop.ts';

describe('instances', () => {
  test('F43: one bad instance of three costs no client anything and leaves the service’s breaker closed', async () => {
    const ejected: string[] = [];
    const { shop, run, state } = setUpShop({
      instances: ['a', 'b', 'c'],
      events: { onEjection: ({ instance }) => ejected.push(instance) },
    });
    shop.react = (request) => (request.instance === 'b' ? { status: 500 } : { ...ok, afterMs: 10 });
    for (let i = 0; i < 200; i++) expect(await run()).toBe(200);
    expect(state()).toBe('closed');
    expect(shop.received.filter((request) => request.instance === 'b').length).toBeLessThan(20);
    expect(ejected.every((instance) => instance === 'b')).toBe(true);
  });

  test('F07: an instance that fails is ejected after five attempts, at once', async () => {
    const ejected: string[] = [];
    const { shop, run } = setUpShop({
      instances: ['a', 'b', 'c'],
      random: createRandom(1),
      events: { onEjection: ({ instance, forMs }) => ejected.push(`${instance} ${forMs}`) },
    });
    shop.react = (request) =>
      request.instance === 'b' ? { error: 'ECONNREFUSED', isUnsent: true } : { ...ok, afterMs: 10 };
    for (let i = 0; i < 40; i++) expect(await run()).toBe(200);
    expect(ejected).toEqual(['b 30000']);
    expect(shop.received.filter((request) => request.instance === 'b')).toHaveLength(5);
  });

  test('two bad instances of three do not draw the calls to themselves by failing fast', async () => {
    const { shop, run, state } = setUpShop({ instances: ['a', 'b', 'c'], random: createRandom(1) });
    shop.react = (request) => (request.instance === 'a' ? { ...ok, afterMs: 20 } : { status: 500 });
    for (let i = 0; i < 200; i++) expect(await run()).toBe(200);
    expect(shop.received.filter((request) => request.instance !== 'a').length).toBeLessThan(20);
    expect(state()).toBe('closed');
  });

  test('F44: a slow instance of three gets at most a tenth within ten seconds', async () => {
    const random = createRandom(3);
    const { shop, call, clock } = setUpShop({ instances: ['a', 'b', 'c'], random });
    shop.react = (request) => ({ ...ok, afterMs: request.instance === 'b' ? 400 : 20 });
    const ended: Promise<unknown>[] = [];
    for (let i = 0; i < 500; i++) {
      ended.push(outcome(call()));
      await clock.advance(20);
    }
    await clock.advance(1000);
    expect(new Set(await Promise.all(ended))).toEqual(new Set([200]));
    expect(shop.received.filter((request) => request.instance === 'b').length / 500).toBeLessThanOrEqual(0.1);
  });

  /** How many of 30 calls get to the one of two instances that hangs once nobody has asked for a while. */
  async function callsToTheHungOne(idleMs: number, apartMs: number): Promise<number> {
    const { shop, call, run, clock } = setUpShop({ instances: ['a', 'b'] });
    const answered = { ...ok, afterMs: 10 };
    shop.react = () => answered;
    for (let i = 0; i < 10; i++) await run();
    await clock.advance(idleMs);
    const before = shop.received.length;
    let hung: string | undefined;
    shop.react = ({ instance }) => ((hung ??= instance) === instance ? 'hang' : answered);
    for (let i = 0; i < 30; i++) {
      void outcome(call());
      await clock.advance(apartMs);
    }
    return shop.received.slice(before).filter(({ instance }) => instance === hung).length;
  }

  test('one that hangs on a quiet service draws a few calls to itself, not all until the first times out', async () => {
    expect(await callsToTheHungOne(80_000, 60)).toBeLessThanOrEqual(3);
  });

  test('however long the service was quiet, and however the calls then come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(120_000), fc.integer({ min: 20, max: 150 }), async (idleMs, apartMs) => {
        expect(await callsToTheHungOne(idleMs, apartMs)).toBeLessThanOrEqual(3);
      }),
      { numRuns: 30 },
    );
  });
});
