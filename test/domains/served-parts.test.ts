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

function setUp() {
  const looked: HitLog[] = [];
  const shared = {
    clock: createFakeClock(),
    profile: { sectionBudgetMs: 800 },
    clients: {},
    reads: {
      stillServes(hits: HitLog) {
        looked.push(hits);
        return hits.size === 1;
      },
    },
  };
  const request = { requestId: 'request-1', viewer: null, scope: {} };
  const context = new RequestContext(shared as unknown as SharedParts, request as unknown as RequestParts);
  return { looked, parts: context.parts, hits: context.scope.hits };
}

test('what an answer was made of is what its reads have logged', () => {
  const { parts, hits, looked } = setUp();
  expect([parts.isWhole, parts.hasStandins, parts.size]).toEqual([false, false, 0]);
  hits.addServed(plan, 'user-1', { id: 1, contentId: 1 });
  expect([parts.isWhole, parts.hasStandins, parts.size, parts.isCurrent()]).toEqual([true, false, 1, true]);
  hits.addStandin({ plan, key: 'user-2', entryId: 2, standin: 'unasked' }, { nowMs: 0, changesAtMs: 1000 });
  expect([parts.isWhole, parts.hasStandins, parts.size, parts.isCurrent()]).toEqual([true, true, 2, false]);
  hits.spoil();
  expect(parts.isWhole).toBe(false);
  expect(looked).toEqual([hits, hits]);
});
