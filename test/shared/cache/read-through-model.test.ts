import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadScope, Windows } from '../../../shared/cache/cached-read.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Sourced } from '../../../shared/provenance.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createFakeService,
  createTestCache,
  failure,
  requestScope,
  type Thing,
  type Things,
  thingRead,
} from './cache-kit.ts';

const windows: Windows = { freshForMs: 10_000, revalidateForMs: 5000, keepForMs: 60_000 };
const viewers = ['ann', 'bob'];
const ids = ['a', 'b', 'c'];

type Action =
  | {
      readonly kind: 'read';
      readonly viewer: string;
      readonly ids: readonly string[];
      readonly deadlineMs: number;
      readonly isDefaulted: boolean;
    }
  | { readonly kind: 'write'; readonly viewer: string; readonly id: string; readonly by: 'tag' | 'read' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'mode'; readonly mode: 'well' | 'failing' | 'hanging' }
  | { readonly kind: 'answer' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'jump'; readonly ms: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      viewer: fc.constantFrom(...viewers),
      ids: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1 }),
      deadlineMs: fc.constantFrom(100, 1000, 8000),
      isDefaulted: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      viewer: fc.constantFrom(...viewers),
      id: fc.constantFrom(...ids),
      by: fc.constantFrom('tag' as const, 'read' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, 200, 499, 500, 3000, 9000, 12_000, 70_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mode' as const),
      mode: fc.constantFrom('well' as const, 'failing' as const, 'hanging' as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'answer' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'leave' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.constantFrom(-3_600_000, 3_600_000) }),
  },
);

/** A service whose things have a revision each and an owner, and that may hang. */
function createShop() {
  const revisions = new Map<string, number>();
  let release: (() => void)[] = [];
  const underWay = new Map<string, number>();
  const shop = {
    mode: 'well' as 'well' | 'failing' | 'hanging',
    /** The most calls that were under way at once for one key of one generation. */
    mostAtOnce: 0,
    generationOf: (_viewer: string, _id: string): number => 0,
    revisionOf: (viewer: string, id: string): number => revisions.get(`${viewer} ${id}`) ?? 0,
    write(viewer: string, id: string) {
      revisions.set(`${viewer} ${id}`, shop.revisionOf(viewer, id) + 1);
    },
    answer() {
      const waiting = release;
      release = [];
      for (const go of waiting) go();
    },
    async fetch(keys: readonly string[], scope: ReadScope): Promise<ReadonlyMap<string, Things>> {
      const viewer = scope.viewerId ?? '';
      const slots = keys.map((id) => `${viewer} ${id} ${shop.generationOf(viewer, id)}`);
      for (const slot of slots) {
        underWay.set(slot, (underWay.get(slot) ?? 0) + 1);
        shop.mostAtOnce = Math.max(shop.mostAtOnce, underWay.get(slot) ?? 0);
      }
      const isAborted = new Promise<void>((resolve) =>
        scope.deadline.signal.addEventListener('abort', () => resolve()),
      );
      try {
        // What was so when the call came in is what it answers with, however late.
        const answer = new Map(
          keys.map((id) => [id, { thing: { id, revision: shop.revisionOf(viewer, id), owner: viewer } }]),
        );
        if (shop.mode === 'hanging')
          await Promise.race([isAborted, new Promise<void>((resolve) => release.push(resolve))]);
        if (shop.mode === 'failing') throw failure('DOWNSTREAM_UNAVAILABLE');
        return answer;
      } finally {
        for (const slot of slots) underWay.set(slot, (underWay.get(slot) ?? 0) - 1);
      }
    },
  };
  return shop;
}

async function playOut(actions: readonly Action[]): Promise<void> {
  const clock = createFakeClock();
  const cache = createTestCache(clock);
  const shop = createShop();
  const drops = new Map<string, number>();
  shop.generationOf = (viewer, id) => (drops.get(`${viewer} *`) ?? 0) + (drops.get(`* ${id}`) ?? 0);
  const byDefault: Thing = { id: 'default', revision: -1, owner: null };
  const common = { audience: 'viewer' as const, windows, fetch: shop.fetch, tagsOf: (id: string) => [`thing:${id}`] };
  const plain = thingRead(createFakeService(), { ...common, name: 'plain' });
  const defaulted = thingRead(createFakeService(), { ...common, name: 'defaulted', defaultValue: byDefault });
  const reads: Promise<void>[] = [];
  const leavers: (() => void)[] = [];

  function judge(record: Sourced<Thing>, viewer: string, least: number): void {
    const { value, origin } = record;
    if (origin === 'default') expect(value).toBe(byDefault);
    else {
      expect(value.owner).toBe(viewer);
      expect(value.revision, 'a value of before a drop').toBeGreaterThanOrEqual(least);
    }
    expect(record.failure !== undefined).toBe(origin === 'kept' || origin === 'default');
    expect(record.staleSeconds).toBeGreaterThanOrEqual(0);
    const ageLimits = { fetched: 8000, fresh: 11_000, revalidating: 16_500, kept: 60_000, default: 0 };
    expect(record.staleSeconds * 1000).toBeLessThan(1000 + ageLimits[origin]);
  }

  async function read(wanted: Extract<Action, { kind: 'read' }>): Promise<void> {
    const scope = requestScope(clock, { viewerId: wanted.viewer, deadlineMs: wanted.deadlineMs });
    leavers.push(() => scope.end(new Error('gone')));
    const startedMs = clock.nowMs();
    const least = wanted.ids.map((id) => dropped.get(`${wanted.viewer} ${id}`) ?? 0);
    const results = await cache.many(wanted.isDefaulted ? defaulted : plain, wanted.ids, scope);
    const tookMs = clock.nowMs() - startedMs;
    expect(tookMs).toBeLessThanOrEqual(wanted.isDefaulted ? Math.min(500, 0.4 * wanted.deadlineMs) : wanted.deadlineMs);
    for (const [i, result] of results.entries()) {
      if (result instanceof AppError) expect(wanted.isDefaulted).toBe(false);
      else if (result !== null && !(result.thing instanceof AppError))
        judge(result.thing, wanted.viewer, least[i] ?? 0);
    }
  }

  /** The revision that a viewer must see at least, from the last drop on. */
  const dropped = new Map<string, number>();

  for (const one of actions) {
    switch (one.kind) {
      case 'read':
        reads.push(read(one));
        break;
      case 'write': {
        shop.write(one.viewer, one.id);
        dropped.set(`${one.viewer} ${one.id}`, shop.revisionOf(one.viewer, one.id));
        const scope = one.by === 'tag' ? `* ${one.id}` : `${one.viewer} *`;
        drops.set(scope, (drops.get(scope) ?? 0) + 1);
        const targets = one.by === 'tag' ? { tags: [`thing:${one.id}`] } : { reads: ['plain', 'defaulted'] };
        await cache.drop({ viewerId: one.viewer, ...targets });
        break;
      }
      case 'advance':
        await clock.advance(one.ms);
        break;
      case 'mode':
        shop.mode = one.mode;
        break;
      case 'answer':
        shop.answer();
        break;
      case 'leave':
        leavers.pop()?.();
        break;
      case 'jump':
        clock.jumpWall(one.ms);
        break;
      default:
        throw new Error(`no such action: ${JSON.stringify(one satisfies never)}`);
    }
  }
  await clock.advance(20_000);
  await Promise.all(reads);
  expect(shop.mostAtOnce, 'calls at once for one key and read').toBeLessThanOrEqual(2);
  expect(cache.use.callsUnderWay).toBe(0);
  expect(clock.pendingTimers).toBe(0);
  shop.answer();
}

describe('under random schedules', () => {
  it('shows each viewer its own, never what was dropped, never too old, never too late, and leaves nothing behind', async () => {
    await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 40 }), playOut), { numRuns: 400 });
  }, 120_000);
});

describe('bugs that others shipped', () => {
  it('a refresh that hangs for ever does not keep its key from being refreshed', async () => {
    const schedule: Action[] = [
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 1000, isDefaulted: false },
      { kind: 'advance', ms: 12_000 },
      { kind: 'mode', mode: 'hanging' },
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 1000, isDefaulted: false },
      { kind: 'advance', ms: 12_000 },
      { kind: 'mode', mode: 'well' },
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 1000, isDefaulted: false },
    ];
    await expect(playOut(schedule)).resolves.toBeUndefined();
  });

  it('a wall clock set back an hour does not make an entry fresh for an hour', async () => {
    const schedule: Action[] = [
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 1000, isDefaulted: false },
      { kind: 'jump', ms: -3_600_000 },
      { kind: 'advance', ms: 70_000 },
      { kind: 'mode', mode: 'failing' },
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 1000, isDefaulted: false },
    ];
    await expect(playOut(schedule)).resolves.toBeUndefined();
  });

  it('a waiter that leaves does not take the others’ call with it', async () => {
    const schedule: Action[] = [
      { kind: 'mode', mode: 'hanging' },
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 8000, isDefaulted: false },
      { kind: 'read', viewer: 'ann', ids: ['a'], deadlineMs: 8000, isDefaulted: false },
      { kind: 'advance', ms: 1 },
      { kind: 'leave' },
      { kind: 'mode', mode: 'well' },
      { kind: 'answer' },
    ];
    await expect(playOut(schedule)).resolves.toBeUndefined();
  });
});
