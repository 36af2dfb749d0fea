import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ReadScope } from '../../../shared/cache/cached-read.ts';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import { AppError } from '../../../shared/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createFakeService,
  detached,
  failure,
  only,
  requestScope,
  type Thing,
  type Things,
  thingRead,
} from './cache-kit.ts';

const maxBatch = 4;

type Step =
  | { readonly kind: 'ask'; readonly ids: readonly string[]; readonly deadlineMs: number }
  | { readonly kind: 'leave'; readonly request: number }
  | { readonly kind: 'answer'; readonly call: number; readonly how: 'well' | 'badly' }
  | { readonly kind: 'write'; readonly id: string }
  | { readonly kind: 'wait'; readonly ms: number };

const id = fc.constantFrom(...'abcdefgh');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      ids: fc.array(id, { minLength: 1, maxLength: 7 }),
      deadlineMs: fc.constantFrom(0.4, 3, 1000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), request: fc.nat({ max: 30 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      call: fc.nat({ max: 10 }),
      how: fc.constantFrom('well' as const, 'well' as const, 'badly' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('write' as const), id }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 0.3, 0.7, 1, 2) }) },
);

interface Call {
  readonly ids: readonly string[];
  readonly madeAtMs: number;
  readonly isOver: () => boolean;
  answer(how: 'well' | 'badly'): void;
}

interface Request {
  readonly ids: readonly string[];
  readonly askedAtMs: number;
  isDone: boolean;
  leave(): void;
}

/** A shop whose calls are answered one by one, each with what was so when it was made; `wrongs` is what must not have been. */
function openShop() {
  const clock = createFakeClock();
  const revisions = new Map<string, number>();
  const writtenAtMs = new Map<string, number>();
  const calls: Call[] = [];
  const requests: Request[] = [];
  const wrongs: string[] = [];
  const cache = createReadThrough<ReadScope>({
    clock,
    detach: detached,
    merge: (scopes, deadline) => ({ ...(scopes[0] ?? requestScope(clock)), viewerId: null, deadline }),
  });
  const read = thingRead(createFakeService(), { maxBatch, fetch });

  function thingOf(id: string): Thing {
    return { id, revision: revisions.get(id) ?? 0, owner: null };
  }

  function fetch(ids: readonly string[], scope: ReadScope): Promise<ReadonlyMap<string, Things>> {
    const madeAtMs = clock.nowMs();
    if (ids.length > maxBatch) wrongs.push('a call for more than maxBatch keys');
    if (new Set(ids).size < ids.length) wrongs.push(`twice in one call: ${ids.join()}`);
    if (scope.deadline.signal.aborted) wrongs.push(`a call for nobody: ${ids.join()}`);
    for (const call of calls) {
      if (call.isOver()) continue;
      // What was written while the call before was being gathered or made is asked for anew.
      const again = ids.filter((id) => call.ids.includes(id) && (writtenAtMs.get(id) ?? -2) < call.madeAtMs - 1);
      if (again.length > 0) wrongs.push(`asked twice at once: ${again.join()}`);
    }
    const things = new Map(ids.map((id) => [id, { thing: thingOf(id) }]));
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      calls.push({
        ids,
        madeAtMs,
        isOver: () => isAnswered || scope.deadline.signal.aborted,
        answer(how) {
          isAnswered = true;
          if (how === 'badly') reject(failure('DOWNSTREAM_UNAVAILABLE'));
          else resolve(things);
        },
      });
    });
  }

  return {
    clock,
    cache,
    calls,
    requests,
    wrongs,
    ask(ids: readonly string[], deadlineMs: number): void {
      const scope = requestScope(clock, { deadlineMs });
      const askedAtMs = clock.nowMs();
      const before = ids.map(thingOf);
      let hasLeft = false;
      void cache.many(read, ids, scope).then((results) => {
        request.isDone = true;
        const isOver = hasLeft || clock.nowMs() >= askedAtMs + deadlineMs;
        results.forEach((result, index) => {
          const [id = '', wanted] = [ids[index], before[index]];
          if (result === null) wrongs.push(`no ${id}`);
          else if (result instanceof AppError) {
            if (result.code === 'DEADLINE_EXCEEDED' && !isOver) wrongs.push(`cut short, and waiting: ${id}`);
          } else {
            const { value } = only([result]);
            if (value.id !== id) wrongs.push(`${value.id} for ${id}`);
            if (value.revision < (wanted?.revision ?? 0)) wrongs.push(`an old ${id}`);
          }
        });
      });
      const request: Request = {
        ids,
        askedAtMs,
        isDone: false,
        leave() {
          hasLeft = true;
          scope.end(new AppError('DEADLINE_EXCEEDED', 'gone'));
        },
      };
      requests.push(request);
    },
    async write(id: string): Promise<void> {
      revisions.set(id, (revisions.get(id) ?? 0) + 1);
      writtenAtMs.set(id, clock.nowMs());
      await cache.drop({ viewerId: null, tags: [`thing:${id}`] });
    },
    async wait(ms: number): Promise<void> {
      await clock.advance(ms);
      for (const { ids, askedAtMs, isDone } of requests) {
        if (isDone || clock.nowMs() - askedAtMs < 1.001) continue;
        const isAsked = calls.some((call) => !call.isOver() && call.ids.some((id) => ids.includes(id)));
        if (!isAsked) wrongs.push(`waits, and nothing is under way: ${ids.join()}`);
      }
    },
  };
}

it('in any order of requests, answers, writes and departures everybody gets their own, nothing is asked twice, and nobody waits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
      const shop = openShop();
      const { clock, calls, requests, wrongs } = shop;
      const underWay = (): Call[] => calls.filter((call) => !call.isOver());
      for (const one of steps) {
        if (one.kind === 'ask') shop.ask(one.ids, one.deadlineMs);
        else if (one.kind === 'leave') requests[one.request % Math.max(1, requests.length)]?.leave();
        else if (one.kind === 'answer') underWay()[one.call % Math.max(1, underWay().length)]?.answer(one.how);
        else if (one.kind === 'write') await shop.write(one.id);
        else await shop.wait(one.ms);
      }
      await shop.wait(1.1);
      while (underWay().length > 0) {
        for (const call of underWay()) call.answer('well');
        await shop.wait(1.1);
      }
      expect(requests.filter(({ isDone }) => !isDone)).toEqual([]);
      expect(wrongs).toEqual([]);
      expect(shop.cache.use.callsUnderWay).toBe(0);
      await clock.advance(1000);
      expect(clock.pendingTimers).toBe(0);
    }),
    { numRuns: 100 },
  );
});
