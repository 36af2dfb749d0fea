import { expect, test } from 'vitest';
import { HitLog } from '../../../shared/cache/hit-log.ts';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import { AppError } from '../../../shared/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, evenly, only, requestScope, thingRead } from './cache-kit.ts';

/** A cache before a service that has lately taken 300 ms. */
function setUp(given: Parameters<typeof thingRead>[1] = {}) {
  const clock = createFakeClock();
  const service = createFakeService();
  const asked: number[] = [];
  const shouldSkip = (_service: string, leftMs: number): boolean => {
    asked.push(leftMs);
    return leftMs < 300;
  };
  const cache = createReadThrough({ clock, detach: detached, random: evenly, shouldSkip }, {});
  const read = thingRead(service, given);
  /** Asks in a request that has this much left, in a section where `sectionLeftMs` says so. */
  const ask = (ids: readonly string[], left: { deadlineMs?: number; sectionLeftMs?: number }) => {
    const { deadlineMs = 8000, sectionLeftMs } = left;
    const scope = requestScope(clock, { deadlineMs });
    return cache.many(
      read,
      ids,
      sectionLeftMs === undefined ? scope : { ...scope, sectionLeftMs: () => sectionLeftMs },
    );
  };
  return { clock, service, cache, read, asked, ask };
}

test.each([
  ['its own budget', { sectionLeftMs: 200 }],
  ['the request', { sectionLeftMs: 800, deadlineMs: 200 }],
])(
  'a section is served what is kept, and its service not asked, where %s leaves less than that takes',
  async (_whose, left) => {
    const { clock, service, ask } = setUp();
    await ask(['a'], {});
    await clock.advance(130_000);
    const record = only(await ask(['a'], left));
    expect([record.origin, record.value.id, service.calls.length]).toEqual(['kept', 'a', 1]);
  },
);

test('or by default, where nothing is kept', async () => {
  const { service, ask } = setUp({ defaultValue: { id: 'none', revision: 0, owner: null } });
  const record = only(await ask(['a'], { sectionLeftMs: 200 }));
  expect([record.origin, record.value.id, service.calls]).toEqual(['default', 'none', []]);
});

test('what nothing can stand in for is asked for all the same, and of a batch that alone', async () => {
  const { clock, service, ask } = setUp();
  await ask(['a'], {});
  await clock.advance(130_000);
  const [kept, fetched] = await ask(['a', 'b'], { sectionLeftMs: 200 });
  expect(service.calls).toEqual([['a'], ['b']]);
  expect([kept, fetched]).toMatchObject([{ thing: { origin: 'kept' } }, { thing: { origin: 'fetched' } }]);
});

test('a section that has the time, and what is no section, is asked', async () => {
  const { service, asked, ask } = setUp({ defaultValue: { id: 'none', revision: 0, owner: null } });
  expect(only(await ask(['a'], { sectionLeftMs: 300 })).origin).toBe('fetched');
  expect(only(await ask(['b'], { deadlineMs: 150 })).origin).toBe('fetched');
  expect([service.calls.length, asked]).toEqual([2, [300]]);
});

test('what is kept no longer stands in for nothing', async () => {
  const { clock, service, ask } = setUp();
  await ask(['a'], {});
  await clock.advance(3_700_000);
  service.failure = new AppError('DOWNSTREAM_UNAVAILABLE', 'down', { service: 'shop' });
  expect(await ask(['a'], { sectionLeftMs: 10 })).toMatchObject([{ code: 'DOWNSTREAM_UNAVAILABLE' }]);
  expect(service.calls).toHaveLength(2);
});

test('a section is asked for where one of its records has nothing that could stand in', async () => {
  const { clock, service, ask } = setUp({
    parts: {
      thing: { windows: { freshForMs: 1000, revalidateForMs: 0, keepForMs: 3_600_000 }, version: 1 },
      price: { windows: { freshForMs: 1000, revalidateForMs: 0, keepForMs: 5000 }, version: 1 },
    } as never,
  });
  await ask(['a'], {});
  await clock.advance(10_000);
  await ask(['a'], { sectionLeftMs: 200 });
  expect(service.calls).toHaveLength(2);
});

test.each([
  ['for a second', 8000, true],
  ['for nobody else where the client has lowered its deadline', 150, false],
])('what stands in for a section that was not asked for stands in %s', async (_how, deadlineMs, standsIn) => {
  const { clock, cache, read, ask } = setUp();
  await ask(['a'], {});
  await clock.advance(130_000);
  const hits = new HitLog();
  await cache.many(read, ['a'], { ...requestScope(clock, { deadlineMs }), sectionLeftMs: () => 200, hits });
  expect([hits.isWhole, cache.stillServes(hits)]).toEqual([standsIn, standsIn]);
  await clock.advance(1000);
  expect(cache.stillServes(hits)).toBe(false);
});

test('what a request asks for first for a section, then for more, is asked for where one call goes out for both', async () => {
  const { clock, service, cache, read, ask } = setUp();
  await ask(['a', 'b'], {});
  await clock.advance(130_000);
  service.hold();
  const busy = ask(['c'], {});
  await clock.advance(0);
  const scope = requestScope(clock, { deadlineMs: 8000 });
  const section = cache.many(read, ['a'], { ...scope, sectionLeftMs: () => 200 });
  const needed = cache.many(read, ['b'], scope);
  await clock.advance(2);
  service.answer();
  await Promise.all([busy, section]);
  expect([only(await needed).origin, service.calls]).toEqual(['fetched', [['a', 'b'], ['c'], ['b']]]);
});

test('what is due and was skipped along with what is missing stands in for a second', async () => {
  const { clock, cache, read, ask } = setUp({ defaultValue: { id: 'none', revision: 0, owner: null } });
  await ask(['a'], {});
  await clock.advance(70_000);
  const hits = new HitLog();
  await cache.many(read, ['a', 'b'], { ...requestScope(clock), hits, sectionLeftMs: () => 200 });
  expect([hits.isWhole, cache.stillServes(hits)]).toEqual([true, true]);
  await clock.advance(999);
  expect(cache.stillServes(hits)).toBe(true);
  await clock.advance(1);
  expect(cache.stillServes(hits)).toBe(false);
});
