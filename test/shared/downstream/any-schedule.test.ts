import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createScope, hedgedRead, idempotentWrite, read, write } from './support/calls.ts';
import type { Reaction } from './support/scripted-service.ts';
import { createRandom, setUpShop } from './support/shop.ts';

const endpoints = [read, hedgedRead, write, idempotentWrite];

const reaction: fc.Arbitrary<Reaction> = fc.oneof(
  { weight: 5, arbitrary: fc.nat(800).map((afterMs): Reaction => ({ status: 200, afterMs })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ status: fc.constantFrom(404, 409, 429, 500, 502, 503, 504), afterMs: fc.nat(800) })
      .map((one): Reaction => one),
  },
  { weight: 2, arbitrary: fc.record({ error: fc.constantFrom('ECONNRESET', 'ETIMEDOUT'), afterMs: fc.nat(800) }) },
  {
    weight: 1,
    arbitrary: fc.constant<Reaction>({ error: 'ECONNREFUSED', isUnsent: true }),
  },
  { weight: 1, arbitrary: fc.constant<Reaction>({ status: 200, headers: { 'content-type': 'text/html' } }) },
  { weight: 2, arbitrary: fc.constant<Reaction>('hang') },
);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      endpoint: fc.nat(endpoints.length - 1),
      budgetMs: fc.integer({ min: 50, max: 9000 }),
      leavesAfterMs: fc.option(fc.nat(3000)),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(4000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall' as const), ms: fc.nat(3000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -4e6, max: 4e6 }) }) },
);

const codes = new Set([
  'answer',
  'CIRCUIT_OPEN',
  'DOWNSTREAM_UNAVAILABLE',
  'DOWNSTREAM_TIMEOUT',
  'DEADLINE_EXCEEDED',
  'DOWNSTREAM_BAD_RESPONSE',
  'DOWNSTREAM_RATE_LIMITED',
  'OVERLOADED',
  'NOT_FOUND',
  'CONFLICT',
]);

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answer';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

test('whatever services, clients and clocks do: every call ends in time, writes are sent once, and nothing is left over', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(reaction, { minLength: 1, maxLength: 40, size: 'max' }),
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.integer({ min: 1, max: 3 }),
      async (reactions, steps, seed) => {
        const { shop, clock } = setUpShop({
          instances: ['a', 'b', 'c'].slice(0, seed),
          random: createRandom(seed),
          policy: { maxInFlight: 4, maxQueued: 2 },
        });
        shop.react = (_request, index) => reactions[index % reactions.length] ?? 'hang';
        let stalledMs = 0;
        let pending = 0;
        const wrong: string[] = [];
        let calls = 0;
        for (const action of steps) {
          if (action.do === 'wait') await clock.advance(action.ms);
          else if (action.do === 'jump') clock.jumpWall(action.ms);
          else if (action.do === 'stall') {
            clock.stall(action.ms);
            stalledMs += action.ms;
          } else {
            const endpoint = endpoints[action.endpoint] ?? read;
            const client = new AbortController();
            if (action.leavesAfterMs !== null) clock.schedule(action.leavesAfterMs, () => client.abort());
            const startedAtMs = clock.nowMs();
            const stalledBeforeMs = stalledMs;
            pending++;
            calls++;
            const scope = createScope({ clock, budgetMs: action.budgetMs, client: client.signal });
            void codeOf(shop.downstream.call(endpoint, { body: `call-${calls}` }, scope)).then((code) => {
              pending--;
              const tookMs = clock.nowMs() - startedAtMs - (stalledMs - stalledBeforeMs);
              if (!codes.has(code)) wrong.push(code);
              if (tookMs > action.budgetMs + 5) wrong.push(`${code} after ${tookMs} of ${action.budgetMs} ms`);
            });
          }
        }
        // Every deadline, and the longest write's own timeout.
        await clock.advance(9000 + 3 * 5000 + 5000);
        expect([pending, wrong]).toEqual([0, []]);
        await clock.advance(60_000);
        expect(clock.pendingTimers).toBe(0);
        expect(shop.downstream.snapshot()[0]).toMatchObject({ inFlight: 0, queued: 0 });
        expect(shop.downstream.snapshot()[0]?.instances.every((instance) => instance.inFlight === 0)).toBe(true);

        const sent = new Map<string, number>();
        for (const request of shop.received) {
          const index = shop.received.indexOf(request);
          const done = reactions[index % reactions.length];
          const isUnsent = typeof done === 'object' && 'isUnsent' in done && done.isUnsent;
          const key = String(request.body);
          if (!isUnsent) sent.set(key, (sent.get(key) ?? 0) + 1);
          expect(Number(request.headers['x-request-timeout-ms'])).toBeGreaterThanOrEqual(100);
        }
        for (const count of sent.values()) expect(count).toBeLessThanOrEqual(4);
      },
    ),
    { numRuns: 150 },
  );
});

test('whatever happens, a write without a key reaches the service once at most', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(reaction, { minLength: 1, maxLength: 5, size: 'max' }),
      fc.nat(9000),
      async (reactions, budgetMs) => {
        const { shop, clock } = setUpShop({ instances: ['a', 'b', 'c'] });
        shop.react = (_request, index) => reactions[index % reactions.length] ?? 'hang';
        void shop.downstream.call(write, {}, createScope({ clock, budgetMs })).catch(() => {});
        await clock.advance(30_000);
        const reached = shop.received.filter((_request, index) => {
          const done = reactions[index % reactions.length];
          return !(typeof done === 'object' && 'isUnsent' in done && done.isUnsent);
        });
        expect(reached.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 300 },
  );
});
