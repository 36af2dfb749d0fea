import { describe, expect, it } from 'vitest';
import { HitLog } from '../../../shared/cache/hit-log.ts';
import { failure, openCache, requestScope } from './cache-kit.ts';

/** One request for `a` with a log of its own, some time after it was fetched. */
async function askAfter(elapsedMs: number, code?: 'CIRCUIT_OPEN' | 'DOWNSTREAM_UNAVAILABLE') {
  const { clock, service, cache, read, ask } = openCache();
  await ask();
  await clock.advance(elapsedMs);
  if (code !== undefined) service.failure = failure(code);
  const hits = new HitLog();
  await cache.many(read, ['a'], { ...requestScope(clock), hits });
  return { clock, service, cache, hits, ask };
}

describe('what a request was served from memory', () => {
  it('is served so again while it is fresh', async () => {
    const { clock, cache, hits } = await askAfter(1000);
    expect([hits.isWhole, hits.hasStandins, cache.stillServes(hits)]).toEqual([true, false, true]);
    await clock.advance(58_999);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it('is not whole where its service was asked, answered or not', async () => {
    for (const code of [undefined, 'DOWNSTREAM_UNAVAILABLE'] as const) {
      const { hits } = await askAfter(130_000, code);
      expect(hits.isWhole).toBe(false);
    }
  });

  it('stands in for a second where an open breaker asks nobody', async () => {
    const { clock, cache, hits } = await askAfter(130_000, 'CIRCUIT_OPEN');
    expect([hits.isWhole, hits.hasStandins]).toEqual([true, true]);
    await clock.advance(999);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it('stands in while it is refreshed, until the refresh is there', async () => {
    const { clock, service, cache, read, ask } = openCache();
    await ask();
    await clock.advance(70_000);
    service.hold();
    const hits = new HitLog();
    await cache.many(read, ['a'], { ...requestScope(clock), hits });
    expect([hits.isWhole, hits.hasStandins, cache.stillServes(hits)]).toEqual([true, true, true]);
    service.answer();
    await clock.advance(0);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it('is not served again once it was dropped, fresh or standing in', async () => {
    for (const [elapsedMs, code] of [[1000], [130_000, 'CIRCUIT_OPEN']] as const) {
      const { cache, hits } = await askAfter(elapsedMs, code);
      await cache.drop({ viewerId: null, tags: ['thing:a'] });
      expect(cache.stillServes(hits)).toBe(false);
    }
  });

  it('is not whole once something has spoiled it, however late', async () => {
    const { cache, hits } = await askAfter(1000);
    hits.spoil();
    expect(cache.stillServes(hits)).toBe(false);
  });
});
