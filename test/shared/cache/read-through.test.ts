import { describe, expect, it } from 'vitest';
import type { CachedRead } from '../../../shared/cache/cached-read.ts';
import type { AppError } from '../../../shared/errors.ts';
import { markFlawed, type UnderWayError } from '../../../shared/provenance.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createTestCache, evenly, failure, minute, only, openCache, requestScope, type Thing } from './cache-kit.ts';

describe('the three windows', () => {
  it('serves what is fresh without asking', async () => {
    const { clock, service, ask } = openCache();
    expect(only(await ask())).toMatchObject({ origin: 'fetched', staleSeconds: 0, service: 'shop' });
    await clock.advance(59_999);
    expect(only(await ask())).toMatchObject({ origin: 'fresh', staleSeconds: 0, value: { revision: 1 } });
    expect(service.calls).toHaveLength(1);
  });

  it('serves what is past its fresh window at once, while one call refreshes it', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.revision = 2;
    service.hold();
    await clock.advance(61_000);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(only(first)).toMatchObject({ origin: 'revalidating', staleSeconds: 1, value: { revision: 1 } });
    expect(only(second)).toMatchObject({ origin: 'revalidating', value: { revision: 1 } });
    expect(service.calls).toHaveLength(2);
    service.answer();
    expect(await only(first).refresh?.()).toMatchObject({ origin: 'fetched', value: { revision: 2 } });
    expect(only(await ask())).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
  });

  it('asks before it serves what is past both', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.revision = 2;
    await clock.advance(120_000);
    expect(only(await ask())).toMatchObject({ origin: 'fetched', value: { revision: 2 } });
  });

  it('serves what is kept, with its age, when the service fails', async () => {
    const { clock, service, ask } = openCache();
    const fetchedAtMs = clock.wallMs();
    await ask();
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(300_000);
    expect(only(await ask())).toMatchObject({
      origin: 'kept',
      fetchedAtMs,
      staleSeconds: 240,
      failure: { code: 'DOWNSTREAM_UNAVAILABLE' },
    });
  });

  it('keeps nothing past the keep window', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(minute.keepForMs);
    expect(await ask()).toEqual([service.failure]);
  });

  it('keeps nothing of a read without windows, and lets nobody join it', async () => {
    const { clock, service, ask } = openCache({ windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 0 } });
    await Promise.all([ask(), ask()]);
    expect(service.calls).toHaveLength(2);
    service.failure = failure('CIRCUIT_OPEN');
    await clock.advance(1);
    expect(await ask()).toEqual([service.failure]);
  });

  it('asks every time, and keeps for a failure, where only the keep window is open', async () => {
    const { service, ask } = openCache({ windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 600_000 } });
    await ask();
    await ask();
    expect(service.calls).toHaveLength(2);
    service.failure = failure('CIRCUIT_OPEN');
    expect(only(await ask())).toMatchObject({ origin: 'kept', value: { revision: 1 } });
  });

  it('measures by the monotonic clock: the wall clock may jump an hour either way (F76)', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    clock.jumpWall(3_600_000);
    expect(only(await ask())).toMatchObject({ origin: 'fresh' });
    clock.jumpWall(-7_200_000);
    expect(only(await ask())).toMatchObject({ origin: 'fresh' });
    await clock.advance(61_000);
    expect(only(await ask())).toMatchObject({ origin: 'revalidating', staleSeconds: 1 });
    expect(service.calls).toHaveLength(2);
  });
});

describe('what does not exist', () => {
  it('is null, believed for 5 seconds, and replaces what was kept', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.missing.add('a');
    await clock.advance(120_000);
    expect(await ask()).toEqual([null]);
    await clock.advance(4999);
    expect(await ask()).toEqual([null]);
    expect(service.calls).toHaveLength(2);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(1);
    expect(await ask()).toEqual([service.failure]);
  });

  it('is null where the answer leaves the key out', async () => {
    const { clock, cache, read } = openCache();
    const silent = { ...read, fetch: async () => new Map() };
    expect(await cache.many(silent, ['a'], requestScope(clock))).toEqual([null]);
  });

  it('ends a refresh with NOT_FOUND', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.missing.add('a');
    await clock.advance(61_000);
    await expect(only(await ask()).refresh?.()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is believed no longer than the thing would be', async () => {
    const { clock, service, ask } = openCache({ windows: { freshForMs: 1000, revalidateForMs: 0, keepForMs: 60_000 } });
    service.missing.add('a');
    await ask();
    service.missing.clear();
    await clock.advance(1000);
    expect(only(await ask())).toMatchObject({ origin: 'fetched' });
  });
});

describe('a read of two records', () => {
  interface Catalog {
    product: { readonly name: string };
    offer: { readonly price: number };
  }

  function setUpCatalog() {
    const clock = createFakeClock();
    const cache = createTestCache(clock, {}, evenly);
    const shop = { price: 100, calls: 0, failure: undefined as AppError | undefined, held: Promise.resolve() };
    const read: CachedRead<string, Catalog> = {
      name: 'catalog.products',
      service: 'catalog',
      audience: 'public',
      maxBatch: 100,
      parts: {
        product: { version: 1, windows: { freshForMs: 60_000, revalidateForMs: 60_000, keepForMs: 86_400_000 } },
        offer: { version: 1, windows: { freshForMs: 10_000, revalidateForMs: 5000, keepForMs: 300_000 } },
      },
      keyOf: (id) => [id],
      async fetch(ids) {
        shop.calls += 1;
        await shop.held;
        if (shop.failure !== undefined) throw shop.failure;
        return new Map(ids.map((id) => [id, { product: { name: id }, offer: { price: shop.price } }]));
      },
    };
    return { clock, shop, ask: async () => (await cache.many(read, ['a'], requestScope(clock)))[0] };
  }

  it('asks again when either is due, and both are new then', async () => {
    const { clock, shop, ask } = setUpCatalog();
    await ask();
    shop.price = 200;
    await clock.advance(16_000);
    expect(await ask()).toMatchObject({
      product: { origin: 'fetched' },
      offer: { origin: 'fetched', value: { price: 200 } },
    });
    await clock.advance(9000);
    expect(await ask()).toMatchObject({ product: { origin: 'fresh' }, offer: { origin: 'fresh' } });
    expect(shop.calls).toBe(2);
  });

  it('serves each by its own window', async () => {
    const { clock, ask } = setUpCatalog();
    await ask();
    await clock.advance(12_000);
    expect(await ask()).toMatchObject({
      product: { origin: 'fresh', staleSeconds: 0 },
      offer: { origin: 'revalidating', staleSeconds: 2 },
    });
  });

  it('keeps the one longer than the other', async () => {
    const { clock, shop, ask } = setUpCatalog();
    await ask();
    shop.failure = failure('CIRCUIT_OPEN');
    await clock.advance(200_000);
    expect(await ask()).toMatchObject({
      product: { origin: 'kept', staleSeconds: 140 },
      offer: { origin: 'kept', staleSeconds: 190 },
    });
    await clock.advance(200_000);
    expect(await ask()).toMatchObject({ product: { origin: 'kept' }, offer: { code: 'CIRCUIT_OPEN' } });
    await clock.advance(86_400_000);
    expect(await ask()).toBe(shop.failure);
  });

  it('does not keep the one waiting for the other while the service hangs', async () => {
    const { clock, shop, ask } = setUpCatalog();
    await ask();
    await clock.advance(600_000);
    const answered = Promise.withResolvers<void>();
    shop.held = answered.promise;
    const asked = ask();
    await clock.advance(500);
    const found = await asked;
    expect(found).toMatchObject({ product: { origin: 'kept' }, offer: { code: 'DOWNSTREAM_TIMEOUT' } });
    shop.price = 300;
    answered.resolve();
    const { offer } = found as unknown as { offer: UnderWayError };
    expect(await offer.refresh()).toMatchObject({ origin: 'fetched', value: { price: 300 } });
  });

  it('takes half a second past its freshness for a second', async () => {
    const { clock, ask } = setUpCatalog();
    await ask();
    await clock.advance(10_500);
    expect(await ask()).toMatchObject({ offer: { origin: 'revalidating', staleSeconds: 1 } });
  });

  it('serves the fresh one as fresh while the other has failed', async () => {
    const { clock, shop, ask } = setUpCatalog();
    await ask();
    shop.failure = failure('CIRCUIT_OPEN');
    await clock.advance(20_000);
    expect(await ask()).toMatchObject({ product: { origin: 'fresh' }, offer: { origin: 'kept' } });
  });
});

describe('the report of a look-up', () => {
  it('counts the keys by how they were served', async () => {
    const { clock, service, cache, read } = openCache();
    await cache.many(read, ['a', 'b'], requestScope(clock));
    await clock.advance(61_000);
    const scope = requestScope(clock);
    await cache.many(read, ['b'], scope);
    await clock.advance(0);
    service.missing.add('none');
    await cache.many(read, ['a', 'b', 'c', 'none'], scope);
    service.failure = failure('CIRCUIT_OPEN');
    await clock.advance(300_000);
    const late = requestScope(clock);
    await cache.many(read, ['a', 'd'], late);
    expect([...scope.lookups, ...late.lookups]).toEqual([
      { revalidating: 1 },
      { revalidating: 1, fresh: 1, missed: 2 },
      { kept: 1, failed: 1 },
    ]);
  });

  it('does not keep a record of which a field could not be read, nor lose the one before it', async () => {
    const { clock, service, cache, read } = openCache();
    const flawed: Thing = { id: 'a', revision: 2, owner: null };
    await cache.many(read, ['a'], requestScope(clock));
    await clock.advance(130_000);
    const mixed = {
      ...read,
      fetch: async () => {
        markFlawed(flawed);
        return new Map([['a', { thing: flawed }]]);
      },
    };
    expect(only(await cache.many(mixed, ['a'], requestScope(clock))).value.revision).toBe(2);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    expect(only(await cache.many(read, ['a'], requestScope(clock)))).toMatchObject({
      origin: 'kept',
      value: { revision: 1 },
    });
  });
});
