import { describe, expect, it } from 'vitest';
import { nextEntryId } from '../../../shared/cache/entry.ts';
import { HitLog } from '../../../shared/cache/hit-log.ts';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import type { SharedLevel } from '../../../shared/cache/shared-level.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, evenly, only, openCache, requestScope, thingRead } from './cache-kit.ts';

/** Holds `a`, a tenth of a second before its revalidate window ends, for whoever waits for it. */
function levelWithOldA(clock: FakeClock): SharedLevel {
  const fetchedAtMs = clock.nowMs() - 119_900;
  const records = { thing: { id: 'a', revision: 1, owner: null } };
  return {
    isAvailable: true,
    isHearing: true,
    viewersTrustedSinceMs: Number.NEGATIVE_INFINITY,
    find: async ({ calls, isRefresh }) => {
      const asked = isRefresh ? [] : calls.filter((call) => call.asked === 'a');
      const found = asked.map((call) => {
        const [id, { generations }] = [nextEntryId(), call];
        const times = { fetchedAtMs, fetchedAtWallMs: 0, jitter: 1 };
        return [
          call,
          { id, contentId: id, records, ...times, generations, bytes: 10, freshRecords: undefined },
        ] as const;
      });
      return { found: new Map(found), refreshedElsewhere: new Set() };
    },
    store: () => undefined,
    drop: async () => undefined,
    removeByPrefix: async () => 0,
    close: () => undefined,
  };
}

describe('what is not shown as its entry says is not served so again, though it is at hand by then', () => {
  it('what was found in time and is past its windows once its batch is whole stands in, and says so', async () => {
    const [clock, service] = [createFakeClock(), createFakeService()];
    await clock.advance(200_000);
    const cache = createReadThrough({ clock, detach: detached, random: evenly, shared: () => levelWithOldA(clock) });
    const refreshed = Promise.withResolvers<void>();
    const read = thingRead(service, {
      defaultValue: { id: 'none', revision: 0, owner: null },
      async fetch(keys, scope) {
        if (keys.includes('a')) await refreshed.promise;
        else await new Promise<void>((resolve) => clock.schedule(300, resolve));
        return service.fetch(keys, scope);
      },
    });
    const hits = new HitLog();
    const asked = cache.many(read, ['a', 'b'], { ...requestScope(clock), hits });
    await clock.advance(400);
    expect(only(await asked)).toMatchObject({
      origin: 'kept',
      value: { id: 'a' },
      failure: { code: 'DOWNSTREAM_TIMEOUT' },
    });
    refreshed.resolve();
    await clock.advance(10);
    expect([hits.isWhole, cache.stillServes(hits)]).toEqual([false, false]);
  });

  it('what was kept, where its call was answered a moment after the wait for it', async () => {
    const seen = new Set<string>();
    for (let turns = 0; turns < 20; turns += 1) {
      const { clock, service, cache, read: base } = openCache({ maxBatch: 1 });
      await cache.many(base, ['a'], requestScope(clock));
      await clock.advance(130_000);
      service.revision = 2;
      const gates = new Map<string, () => void>();
      const read = thingRead(service, {
        maxBatch: 1,
        async fetch([id = ''], scope) {
          await new Promise<void>((resolve) => gates.set(id, resolve));
          return service.fetch([id], scope);
        },
      });
      const hits = new HitLog();
      const asked = cache.many(read, ['a', 'b'], { ...requestScope(clock), hits });
      // Nothing stands in for `b`: it is waited for past the time after which `a` is served as it was kept.
      await clock.advance(600);
      gates.get('b')?.();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      gates.get('a')?.();
      await clock.advance(0);
      const { origin } = only(await asked);
      seen.add(origin);
      expect(hits.isWhole).toBe(origin === 'fetched');
    }
    expect(seen).toEqual(new Set(['fetched', 'kept']));
  });
});
