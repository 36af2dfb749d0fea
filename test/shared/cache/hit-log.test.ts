import { describe, expect, it } from 'vitest';
import { HitLog } from '../../../shared/cache/hit-log.ts';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createFakeService,
  detached,
  evenly,
  failure,
  minute,
  only,
  openCache,
  requestScope,
  thingRead,
} from './cache-kit.ts';

/** A service that hangs, with `a` kept for so long that it is asked for. */
async function openHanging() {
  const { clock, service, cache, read, ask } = openCache({ defaultValue: { id: 'none', revision: 0, owner: null } });
  await ask();
  await clock.advance(130_000);
  service.hold();
  async function askWithLog(): Promise<HitLog> {
    const hits = new HitLog();
    const asked = cache.many(read, ['a'], { ...requestScope(clock), hits });
    await clock.advance(500);
    await asked;
    return hits;
  }
  return { clock, service, cache, read, askWithLog };
}

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

/** One request for `a`, past its fresh window, and for what nobody has, while a breaker keeps in what it asks. */
async function askWhileRefused(elapsedMs: number, { keepForMs = 3_600_000, isHalfOpen = false } = {}) {
  const [clock, service, breaker] = [createFakeClock(), createFakeService(), { isOpen: false }];
  const cache = createReadThrough({ clock, detach: detached, random: evenly, isAsked: () => !breaker.isOpen });
  const read = thingRead(service, { windows: { freshForMs: 60_000, revalidateForMs: 60_000, keepForMs } });
  await cache.many(read, ['a'], requestScope(clock));
  await clock.advance(elapsedMs);
  breaker.isOpen = !isHalfOpen;
  service.failure = failure('CIRCUIT_OPEN');
  const hits = new HitLog();
  await cache.many(read, ['a', 'b'], { ...requestScope(clock), hits });
  return { clock, cache, hits };
}

describe('what a request was served from memory', () => {
  it.each([
    ['from memory', 1000, 59_000],
    ['by its service, which had to be asked', 130_000, 60_000],
  ])('is served so again while it is fresh: %s', async (_how, elapsedMs, freshForMs) => {
    const { clock, cache, hits } = await askAfter(elapsedMs);
    expect([hits.isWhole, hits.hasStandins, cache.stillServes(hits)]).toEqual([true, false, true]);
    expect(hits.wasFetched).toBe(elapsedMs > 60_000);
    await clock.advance(freshForMs - 1);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it('is served so again past that while somebody has it refreshed, no longer than its revalidate window', async () => {
    const { clock, service, cache, hits, ask } = await askAfter(1000);
    await clock.advance(69_000);
    service.hold();
    await ask();
    expect(cache.stillServes(hits)).toBe(true);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    service.answer();
    await clock.advance(0);
    expect(cache.stillServes(hits)).toBe(false);
    service.hold();
    await ask();
    await clock.advance(49_999);
    await ask();
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  describe('is, once it was refreshed,', () => {
    async function refreshAfter(change: (service: ReturnType<typeof createFakeService>) => void, isDated = false) {
      const { clock, service, cache, read, ask } = openCache();
      await ask();
      const hits = new HitLog();
      await cache.many(read, ['a'], { ...requestScope(clock), hits });
      if (isDated) hits.date();
      for (let round = 0; round < 3; round += 1) {
        await clock.advance(70_000);
        change(service);
        await ask();
        await clock.advance(0);
      }
      return cache.stillServes(hits);
    }

    it('served so again where it says the same', async () => {
      expect(await refreshAfter(() => {})).toBe(true);
    });

    it.each<[string, Parameters<typeof refreshAfter>[0]]>([
      ['it says another thing', (service) => (service.revision = 2)],
      ['it is gone', (service) => service.missing.add('a')],
    ])('not where %s', async (_what, change) => {
      expect(await refreshAfter(change)).toBe(false);
    });

    it('not where the answer tells when it was fetched', async () => {
      expect(await refreshAfter(() => {}, true)).toBe(false);
    });
  });

  it('is not whole where its service was asked and has failed', async () => {
    const { hits } = await askAfter(130_000, 'DOWNSTREAM_UNAVAILABLE');
    expect(hits.isWhole).toBe(false);
  });

  it('is not whole where what was fetched could not be kept, or was dropped on its way', async () => {
    for (const given of [{ windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 0 } }, {}]) {
      const { clock, service, cache, read } = openCache(given);
      const hits = new HitLog();
      service.hold();
      const asked = cache.many(read, ['a'], { ...requestScope(clock), hits });
      await clock.advance(0);
      await cache.drop({ viewerId: null, tags: ['thing:a'] });
      service.answer();
      await asked;
      expect(hits.isWhole).toBe(false);
    }
  });

  it('stands in for a second where a half-open breaker did not ask for this request', async () => {
    const { clock, cache, hits } = await askAfter(130_000, 'CIRCUIT_OPEN');
    expect([hits.isWhole, hits.hasStandins]).toEqual([true, true]);
    await clock.advance(999);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it.each([
    ['the same', 1, true],
    ['another thing', 2, false],
  ])('stands in for nothing within its revalidate window; the refresh says %s', async (_what, revision, isServed) => {
    const { clock, service, cache, read, ask } = openCache();
    await ask();
    await clock.advance(70_000);
    service.hold();
    const hits = new HitLog();
    await cache.many(read, ['a'], { ...requestScope(clock), hits });
    expect([hits.isWhole, hits.hasStandins, cache.stillServes(hits)]).toEqual([true, false, true]);
    service.revision = revision;
    service.answer();
    await clock.advance(0);
    expect(cache.stillServes(hits)).toBe(isServed);
  });

  it('stands in while its call is under way and nobody waits for it any more, and not once it has failed', async () => {
    const { clock, service, cache, askWithLog } = await openHanging();
    expect((await askWithLog()).isWhole).toBe(false);
    const hits = await askWithLog();
    expect([hits.isWhole, hits.hasStandins, cache.stillServes(hits)]).toEqual([true, true, true]);
    await clock.advance(3000);
    expect(cache.stillServes(hits)).toBe(true);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    service.answer();
    await clock.advance(0);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it.each([
    ['before a default was served', 'new', 'default'],
    ['while it waited', 'a', 'kept'],
  ])('stands in for nobody else where the client has gone %s', async (_when, id, origin) => {
    const { clock, cache, read, askWithLog } = await openHanging();
    await askWithLog();
    await askWithLog();
    const [scope, hits] = [requestScope(clock), new HitLog()];
    if (origin === 'default') scope.end();
    const asked = cache.many(read, [id], { ...scope, hits });
    scope.end();
    await clock.advance(0);
    expect(only(await asked).origin).toBe(origin);
    expect(hits.isWhole).toBe(false);
  });

  describe('stands in while nobody asks its service', () => {
    async function askKeptIn(elapsedMs: number, code: 'CIRCUIT_OPEN' | 'DOWNSTREAM_UNAVAILABLE' = 'CIRCUIT_OPEN') {
      const [clock, service, breaker] = [createFakeClock(), createFakeService(), { isOpen: false }];
      const cache = createReadThrough({ clock, detach: detached, random: evenly, isAsked: () => !breaker.isOpen });
      const read = thingRead(service, { windows: { freshForMs: 1000, revalidateForMs: 1000, keepForMs: 60_000 } });
      await cache.many(read, ['a'], requestScope(clock));
      await clock.advance(elapsedMs);
      breaker.isOpen = true;
      service.failure = failure(code);
      const hits = new HitLog();
      await cache.many(read, ['a'], { ...requestScope(clock), hits });
      return { clock, breaker, cache, hits };
    }

    it.each([
      ['an open breaker', 'CIRCUIT_OPEN'],
      ['a service that is switched off', 'DOWNSTREAM_UNAVAILABLE'],
    ] as const)('for six seconds: %s', async (_why, code) => {
      const { clock, cache, hits } = await askKeptIn(10_000, code);
      await clock.advance(5999);
      expect(cache.stillServes(hits)).toBe(true);
      await clock.advance(1);
      expect(cache.stillServes(hits)).toBe(false);
    });

    it('and needs nothing to stand in within its revalidate window', async () => {
      const { clock, breaker, cache, hits } = await askKeptIn(0);
      breaker.isOpen = false;
      await clock.advance(1000);
      expect(cache.stillServes(hits)).toBe(false);
      breaker.isOpen = true;
      expect([hits.hasStandins, cache.stillServes(hits)]).toEqual([false, true]);
      await clock.advance(1000);
      expect(cache.stillServes(hits)).toBe(false);
    });

    it('and not once a call would be let out', async () => {
      const { breaker, cache, hits } = await askKeptIn(10_000);
      expect(cache.stillServes(hits)).toBe(true);
      breaker.isOpen = false;
      expect(cache.stillServes(hits)).toBe(false);
    });

    it('and not past the time for which it may be kept', async () => {
      const { clock, cache, hits } = await askKeptIn(58_000);
      await clock.advance(1999);
      expect(cache.stillServes(hits)).toBe(true);
      await clock.advance(1);
      expect(cache.stillServes(hits)).toBe(false);
    });
  });

  it('stands in past the fresh window of a part that has not left it yet: that shows nowhere', async () => {
    const [clock, service, breaker] = [createFakeClock(), createFakeService(), { isOpen: false }];
    const cache = createReadThrough({ clock, detach: detached, random: evenly, isAsked: () => !breaker.isOpen });
    const price = { windows: { freshForMs: 1000, revalidateForMs: 1000, keepForMs: 600_000 }, version: 1 };
    const parts = { thing: { windows: minute, version: 1 }, price } as never;
    const fetch = async () => new Map([['a', { thing: { id: 'a' }, price: 1 }]]) as never;
    const read = thingRead(service, { parts, fetch });
    await cache.many(read, ['a'], requestScope(clock));
    await clock.advance(59_000);
    breaker.isOpen = true;
    const hits = new HitLog();
    await cache.many(thingRead(service, { parts, fetch: () => Promise.reject(failure('CIRCUIT_OPEN')) }), ['a'], {
      ...requestScope(clock),
      hits,
    });
    await clock.advance(5999);
    expect([hits.hasStandins, cache.stillServes(hits)]).toEqual([true, true]);
  });

  it('is told two seconds late that what nobody asks for has passed its revalidate window', async () => {
    const { clock, cache, hits } = await askWhileRefused(118_000);
    expect([hits.isWhole, hits.hasStandins]).toEqual([true, true]);
    await clock.advance(3999);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it.each([
    ['where its service would be asked', 500, { isHalfOpen: true }],
    ['where it may not be kept', 500, { keepForMs: 0 }],
    ['past the time for which it may be kept', 1000, { keepForMs: 120_500 }],
  ])('is not told that late %s', async (_why, afterMs, options) => {
    const { clock, cache, hits } = await askWhileRefused(119_500, options);
    expect([hits.isWhole, hits.hasStandins]).toEqual([true, true]);
    await clock.advance(afterMs - 1);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    expect(cache.stillServes(hits)).toBe(false);
  });

  it.each([
    [60_000, 2000],
    [10_500, 500],
    [0, 0],
  ])(
    'is told two seconds late that a part is past its windows where another stands in already, and may be kept (%i)',
    async (keepForMs, lateMs) => {
      const [clock, service, breaker] = [createFakeClock(), createFakeService(), { isOpen: false }];
      const cache = createReadThrough({ clock, detach: detached, random: evenly, isAsked: () => !breaker.isOpen });
      const ill = thingRead(service, { name: 'ill.things' });
      const read = thingRead(service, { windows: { freshForMs: 10_000, revalidateForMs: 0, keepForMs } });
      const logged = async (...reads: (typeof read)[]) => {
        const hits = new HitLog();
        for (const each of reads) await cache.many(each, ['a'], { ...requestScope(clock), hits });
        return hits;
      };
      await logged(ill);
      await clock.advance(130_000);
      await logged(read);
      await clock.advance(7000);
      breaker.isOpen = true;
      service.failure = failure('CIRCUIT_OPEN');
      const [alone, degraded] = [await logged(read), await logged(ill, read)];
      await clock.advance(2999 + lateMs);
      expect(cache.stillServes(degraded)).toBe(true);
      await clock.advance(1);
      expect([cache.stillServes(alone), cache.stillServes(degraded)]).toEqual([false, false]);
    },
  );

  it.each([
    ['a value', []],
    ['nothing', ['b']],
  ])('is told at once that a part is past its windows whose own service may answer: %s', async (_what, missing) => {
    const [clock, service, breaker] = [createFakeClock(), createFakeService(), { isOpen: false }];
    const isAsked = (name: string) => name !== 'ill' || !breaker.isOpen;
    const cache = createReadThrough({ clock, detach: detached, random: evenly, isAsked });
    const windows = { freshForMs: 5000, revalidateForMs: 0, keepForMs: 60_000 };
    const well = thingRead(service, { windows });
    const fetch = async () =>
      breaker.isOpen ? Promise.reject(failure('CIRCUIT_OPEN')) : service.fetch(['a'], scope());
    const scope = () => requestScope(clock);
    const ill = thingRead(service, { name: 'ill.things', service: 'ill', windows, fetch });
    await cache.many(ill, ['a'], scope());
    await clock.advance(5000);
    service.missing = new Set(missing);
    breaker.isOpen = true;
    await cache.many(well, ['b'], scope());
    await clock.advance(2000);
    const hits = new HitLog();
    await cache.many(ill, ['a'], { ...scope(), hits });
    await cache.many(well, ['b'], { ...scope(), hits });
    await clock.advance(2999);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
    service.hold();
    const awaited = cache.many(well, ['b'], scope());
    expect(cache.stillServes(hits)).toBe(false);
    service.answer();
    await awaited;
  });

  it('is looked for again after six seconds where nobody asks for what is due: another process may have had it', async () => {
    const [clock, service, breaker] = [createFakeClock(), createFakeService(), { isOpen: false }];
    const cache = createReadThrough({ clock, detach: detached, random: evenly, isAsked: () => !breaker.isOpen });
    const read = thingRead(service);
    const hits = new HitLog();
    await cache.many(read, ['a'], requestScope(clock));
    await cache.many(read, ['a'], { ...requestScope(clock), hits });
    await clock.advance(60_000);
    breaker.isOpen = true;
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(5999);
    expect(cache.stillServes(hits)).toBe(true);
    await clock.advance(1);
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
