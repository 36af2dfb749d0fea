import { expect, test } from 'vitest';
import type { HitLog } from '../../shared/cache/hit-log.ts';
import { RequestContext, type RequestParts, type SharedParts } from '../../shared/domains/context.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const plan = {
  name: 'users.viewer',
  service: 'users',
  isViewer: true,
  minFreshMs: 1000,
  minKeptMs: 0,
  minServedMs: 2000,
};

async function setUp() {
  const looked: HitLog[] = [];
  const given = Promise.withResolvers<HitLog>();
  const clock = createFakeClock();
  const shared = {
    clock,
    profile: { sectionBudgetMs: 800 },
    clients: { users: { viewer: { keyOf: () => ['me'] } } },
    reads: {
      async many(_read: unknown, _keys: unknown, { hits }: { readonly hits: HitLog }) {
        given.resolve(hits);
        return [null];
      },
      stillServes(hits: HitLog) {
        looked.push(hits);
        return hits.size === 1;
      },
    },
  };
  const request = { requestId: 'request-1', viewer: null, scope: {} };
  const context = new RequestContext(shared as unknown as SharedParts, request as unknown as RequestParts);
  await context.loaders.users.viewer.load('me');
  return { clock, context, looked, parts: context.parts, hits: await given.promise };
}

test('what an answer was made of is what its reads have logged', async () => {
  const { parts, hits, looked } = await setUp();
  expect([parts.isWhole, parts.hasStandins, parts.size]).toEqual([false, false, 0]);
  hits.addServed(plan, 'user-1', { id: 1, contentId: 1 });
  expect([parts.isWhole, parts.hasStandins, parts.size, parts.isCurrent()]).toEqual([true, false, 1, true]);
  expect(parts.wasFetched).toBe(false);
  hits.addFetched(plan, 'user-3', { id: 3, contentId: 3 });
  expect([parts.isWhole, parts.wasFetched]).toEqual([true, true]);
  hits.addStandin({ plan, key: 'user-2', entryId: 2, standin: 'unasked' }, { nowMs: 0, changesAtMs: 1000 });
  expect([parts.isWhole, parts.hasStandins, parts.size, parts.isCurrent()]).toEqual([true, true, 3, false]);
  hits.spoil();
  expect(parts.isWhole).toBe(false);
  expect(looked).toEqual([hits, hits]);
});

test('an answer with a call past the cache is for its request alone', async () => {
  const { context, parts, hits } = await setUp();
  hits.addServed(plan, 'user-1', { id: 1, contentId: 1 });
  expect([context.report, context.trace, parts.isWhole]).toEqual([undefined, undefined, true]);
  void context.scope;
  expect(parts.isWhole).toBe(false);
});

test('what comes once a section was left may be missing in the answer', async () => {
  const { clock, context, parts, hits } = await setUp();
  hits.addServed(plan, 'user-1', { id: 1, contentId: 1 });
  const section = context.section('users', () => new Promise(() => {})).catch(() => {});
  await clock.advance(740);
  await section;
  hits.addServed(plan, 'user-2', { id: 2, contentId: 2 });
  expect(parts.isWhole).toBe(true);
  hits.addFetched(plan, 'user-3', { id: 3, contentId: 3 });
  expect(parts.isWhole).toBe(false);
});
