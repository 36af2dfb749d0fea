import { describe, expect, it } from 'vitest';
import { nextEntryId } from '../../../shared/cache/entry.ts';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import type { SharedAnswer, SharedLevel, SharedQuestion } from '../../../shared/cache/shared-level.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, evenly, only, requestScope, thingRead } from './cache-kit.ts';

const nothing = (): SharedAnswer => ({ found: new Map(), refreshedElsewhere: new Set() });

/** A level whose look-ups take so long, and find this. */
function setUp(
  findMs: number,
  find: (question: SharedQuestion) => SharedAnswer = nothing,
  given: Parameters<typeof thingRead>[1] = {},
) {
  const clock = createFakeClock();
  const service = createFakeService();
  let finds = 0;
  const level: SharedLevel = {
    isAvailable: true,
    isHearing: true,
    viewersTrustedSinceMs: Number.NEGATIVE_INFINITY,
    find: (question) => {
      finds += 1;
      return new Promise((resolve) => {
        clock.schedule(findMs, () => resolve(find(question)));
      });
    },
    store: () => undefined,
    drop: async () => undefined,
    removeByPrefix: async () => 0,
    close: () => undefined,
  };
  const cache = createReadThrough({ clock, detach: detached, random: evenly, shared: () => level });
  return { clock, service, cache, read: thingRead(service, given), finds: () => finds };
}

describe('a shared level that hangs', () => {
  it('is left after exactly 100 ms', async () => {
    const { clock, service, cache, read } = setUp(60_000);
    const asked = cache.many(read, ['a'], requestScope(clock));
    await clock.advance(99);
    expect(service.calls).toHaveLength(0);
    await clock.advance(1);
    expect(only(await asked).origin).toBe('fetched');
  });

  it('costs a request 100 ms in all: the next read asks the service at once', async () => {
    const { clock, service, cache, read, finds } = setUp(60_000);
    const scope = requestScope(clock);
    const first = cache.many(read, ['a'], scope);
    await clock.advance(100);
    await first;
    await cache.many(read, ['b'], scope);
    expect(clock.nowMs()).toBe(100);
    expect(scope.cacheWait.leftMs).toBe(0);
    expect(service.calls).toEqual([['a'], ['b']]);
    expect(finds()).toBe(1);
  });

  it('is waited for no longer than the request has left', async () => {
    const { clock, service, cache, read } = setUp(60_000);
    const asked = cache.many(read, ['a'], requestScope(clock, { cacheWaitMs: 30 }));
    await clock.advance(30);
    expect(service.calls).toHaveLength(1);
    await asked;
  });

  it('is left for the sake of one who joins and has nothing left to wait', async () => {
    const { clock, service, cache, read } = setUp(60_000);
    const [rich, poor] = [requestScope(clock), requestScope(clock, { cacheWaitMs: 0 })];
    const first = cache.many(read, ['a'], rich);
    await clock.advance(10);
    const second = cache.many(read, ['a'], poor);
    await clock.advance(0);
    expect(service.calls).toHaveLength(1);
    await Promise.all([first, second]);
    expect(rich.cacheWait.leftMs).toBe(90);
  });

  it('charges reads side by side once, and reads one after the other each', async () => {
    const { clock, cache, read } = setUp(20);
    const scope = requestScope(clock);
    const sideBySide = Promise.all(['a', 'b', 'c'].map((id) => cache.many(read, [id], scope)));
    await clock.advance(20);
    await sideBySide;
    expect(scope.cacheWait.leftMs).toBe(80);
    const next = cache.many(read, ['d'], scope);
    await clock.advance(20);
    await next;
    expect(scope.cacheWait.leftMs).toBe(60);
  });
});

describe('what a slow shared level has at last', () => {
  const thing = { id: 'a', revision: 1, owner: null };

  /** A minute and 10 s old, so past its fresh minute; found 60 ms after the look-up began. */
  function openFound(holdsOf: (question: SharedQuestion) => boolean = () => true) {
    const opened = setUp(60, (question) => (holdsOf(question) ? foundIn(question) : nothing()), {
      defaultValue: { ...thing, id: 'default' },
    });
    const foundIn = ({ calls }: SharedQuestion): SharedAnswer => {
      const [call] = calls;
      if (call === undefined) return nothing();
      const [fetchedAtMs, fetchedAtWallMs] = [opened.clock.nowMs() - 70_000, opened.clock.wallMs() - 70_000];
      const { generations } = call;
      const id = nextEntryId();
      const entry = { id, contentId: id, records: { thing }, fetchedAtMs, fetchedAtWallMs, generations };
      return {
        found: new Map([[call, { ...entry, jitter: 1, bytes: 100, freshRecords: undefined }]]),
        refreshedElsewhere: new Set(),
      };
    };
    opened.service.revision = 2;
    return opened;
  }

  it('is not what the service says now: whoever refuses what is stale waits for the refresh that it sets off', async () => {
    const { clock, cache, read } = openFound(({ isRefresh }) => !isRefresh);
    const asked = cache.many(read, ['a'], requestScope(clock, { deadlineMs: 125 }));
    await clock.advance(50);
    const byDefault = only(await asked);
    expect(byDefault.origin).toBe('default');
    const late = byDefault.refresh?.();
    await clock.advance(10);
    const found = await late;
    expect(found).toMatchObject({ origin: 'revalidating', staleSeconds: 10, value: { revision: 1 } });
    const refreshed = found?.refresh?.();
    await clock.advance(60);
    expect(await refreshed).toMatchObject({ origin: 'fetched', staleSeconds: 0, value: { revision: 2 } });
  });
});
