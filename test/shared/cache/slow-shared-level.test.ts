import { describe, expect, it } from 'vitest';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import type { SharedLevel } from '../../../shared/cache/shared-level.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, only, requestScope, thingRead } from './cache-kit.ts';

/** A level whose look-ups take so long; it has nothing. */
function setUp(findMs: number) {
  const clock = createFakeClock();
  const service = createFakeService();
  let finds = 0;
  const level: SharedLevel = {
    isAvailable: true,
    isHearing: true,
    viewersTrustedSinceMs: Number.NEGATIVE_INFINITY,
    find: () => {
      finds += 1;
      return new Promise((resolve) => {
        clock.schedule(findMs, () => resolve({ found: new Map(), refreshedElsewhere: new Set() }));
      });
    },
    store: () => undefined,
    drop: async () => undefined,
    removeByPrefix: async () => 0,
    close: () => undefined,
  };
  const cache = createReadThrough({ clock, detach: detached, shared: () => level });
  return { clock, service, cache, read: thingRead(service), finds: () => finds };
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
