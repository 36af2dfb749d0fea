import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createFakeService,
  createTestCache,
  only,
  openCache,
  requestScope,
  type Thing,
  thingRead,
} from './cache-kit.ts';

describe('what was fetched together', () => {
  it('does not fall due together: the worst second has at most twice the median second’s calls (F63)', async () => {
    const { clock, service, cache, read } = openCache(
      { windows: { freshForMs: 60_000, revalidateForMs: 0, keepForMs: 0 } },
      Math.random,
    );
    const ids = Array.from({ length: 10_000 }, (_, i) => String(i));
    await cache.many(read, ids, requestScope(clock));
    await clock.advance(53_000);
    const perSecond: number[] = [];
    for (let second = 0; second < 15; second += 1) {
      service.calls.length = 0;
      await cache.many(read, ids, requestScope(clock));
      perSecond.push(service.calls.flat().length);
      await clock.advance(1000);
    }
    const busy = perSecond.filter((count) => count > 0).sort((a, b) => a - b);
    expect(busy.reduce((sum, count) => sum + count, 0)).toBe(10_000);
    expect(busy.at(-1)).toBeLessThanOrEqual(2 * (busy[Math.floor(busy.length / 2)] ?? 0));
  });
});

describe('the level in this process', () => {
  it('stays within its bytes, the least recently used going first', async () => {
    const clock = createFakeClock();
    const service = createFakeService();
    service.text = 'x'.repeat(1000);
    const cache = createTestCache(clock, { maxBytes: 100_000 });
    const read = thingRead(service);
    for (let i = 0; i < 500; i += 1) await cache.many(read, [String(i)], requestScope(clock));
    expect(cache.use.bytes).toBeLessThanOrEqual(100_000);
    expect(cache.use.entries).toBeGreaterThan(20);
    service.calls.length = 0;
    await cache.many(read, ['499', '0'], requestScope(clock));
    expect(service.calls).toEqual([['0']]);
  });

  it('serves what is too heavy to be held', async () => {
    const clock = createFakeClock();
    const service = createFakeService();
    service.text = 'x'.repeat(10_000);
    const cache = createTestCache(clock, { maxEntryBytes: 5000 });
    expect(only(await cache.many(thingRead(service), ['a'], requestScope(clock)))).toMatchObject({ origin: 'fetched' });
    expect(cache.use.entries).toBe(0);
  });

  it('serves what is no JSON and does not hold it', async () => {
    const { clock, cache, read } = openCache();
    const odd = {
      ...read,
      fetch: async () => new Map([['a', { thing: { id: 'a', revision: 1n } as unknown as Thing }]]),
    };
    expect(only(await cache.many(odd, ['a'], requestScope(clock))).value.revision).toBe(1n);
    expect(cache.use.entries).toBe(0);
  });

  it('is off, and joining too, by policy', async () => {
    const clock = createFakeClock();
    const service = createFakeService();
    const cache = createTestCache(clock, { isCaching: false, isJoining: false });
    const read = thingRead(service);
    const scopes = [requestScope(clock), requestScope(clock), requestScope(clock)];
    await Promise.all(scopes.map((scope) => cache.many(read, ['a'], scope)));
    expect(service.calls).toHaveLength(3);
    expect(cache.use).toEqual({ entries: 0, bytes: 0, callsUnderWay: 0 });
  });
});
