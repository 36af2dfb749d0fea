import { describe, expect, it } from 'vitest';
import type { CachedRead, Kept, ReadScope } from '../../../shared/cache/cached-read.ts';
import { AppError, errorCodes } from '../../../shared/errors.ts';
import type { Sourced } from '../../../shared/provenance.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createFakeService,
  createTestCache,
  failure,
  minute,
  requestScope,
  type Thing,
  type Things,
  thingRead,
} from './cache-kit.ts';

const evenly = (): number => 0.5;

/** The one record of the one key. */
function only(results: ReadonlyArray<Kept<Things> | null | AppError>): Sourced<Thing> {
  const [result] = results;
  if (result instanceof AppError) throw result;
  if (result === null || result === undefined || result.thing instanceof AppError) throw new Error('no record');
  return result.thing;
}

function setUp(given: Parameters<typeof thingRead>[1] = {}, random: () => number = evenly) {
  const clock = createFakeClock();
  const service = createFakeService();
  const cache = createTestCache(clock, {}, random);
  const read = thingRead(service, given);
  const ask = (id = 'a', scope: ReadScope = requestScope(clock)) => cache.many(read, [id], scope);
  return { clock, service, cache, read, ask };
}

describe('the three windows', () => {
  it('serves what is fresh without asking', async () => {
    const { clock, service, ask } = setUp();
    expect(only(await ask())).toMatchObject({ origin: 'fetched', staleSeconds: 0, service: 'shop' });
    await clock.advance(59_999);
    expect(only(await ask())).toMatchObject({ origin: 'fresh', staleSeconds: 0, value: { revision: 1 } });
    expect(service.calls).toHaveLength(1);
  });

  it('serves what is past its fresh window at once, while one call refreshes it', async () => {
    const { clock, service, ask } = setUp();
    await ask();
    service.revision = 2;
    service.hold();
    await clock.advance(61_000);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(only(first)).toMatchObject({ origin: 'revalidating', staleSeconds: 1, value: { revision: 1 } });
    expect(only(second)).toMatchObject({ origin: 'revalidating', value: { revision: 1 } });
    expect(service.calls).toHaveLength(2);
    service.answer();
    expect(await only(first).refresh).toMatchObject({ origin: 'fetched', value: { revision: 2 } });
    expect(only(await ask())).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
  });

  it('asks before it serves what is past both', async () => {
    const { clock, service, ask } = setUp();
    await ask();
    service.revision = 2;
    await clock.advance(120_000);
    expect(only(await ask())).toMatchObject({ origin: 'fetched', value: { revision: 2 } });
  });

  it('serves what is kept, with its age, when the service fails', async () => {
    const { clock, service, ask } = setUp();
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
    const { clock, service, ask } = setUp();
    await ask();
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(minute.keepForMs);
    expect(await ask()).toEqual([service.failure]);
  });

  it('keeps nothing of a read without windows, and lets nobody join it', async () => {
    const { clock, service, ask } = setUp({ windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 0 } });
    await Promise.all([ask(), ask()]);
    expect(service.calls).toHaveLength(2);
    service.failure = failure('CIRCUIT_OPEN');
    await clock.advance(1);
    expect(await ask()).toEqual([service.failure]);
  });

  it('asks every time, and keeps for a failure, where only the keep window is open', async () => {
    const { service, ask } = setUp({ windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 600_000 } });
    await ask();
    await ask();
    expect(service.calls).toHaveLength(2);
    service.failure = failure('CIRCUIT_OPEN');
    expect(only(await ask())).toMatchObject({ origin: 'kept', value: { revision: 1 } });
  });

  it('measures by the monotonic clock: the wall clock may jump an hour either way (F76)', async () => {
    const { clock, service, ask } = setUp();
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

describe('what stands in for a failure', () => {
  const fallsBack = [
    'CIRCUIT_OPEN',
    'DOWNSTREAM_UNAVAILABLE',
    'DOWNSTREAM_TIMEOUT',
    'DEADLINE_EXCEEDED',
    'DOWNSTREAM_BAD_RESPONSE',
    'DOWNSTREAM_RATE_LIMITED',
    'OVERLOADED',
  ];

  it.each(errorCodes.map((code) => [code, fallsBack.includes(code)] as const))(
    'after %s, what is kept: %s',
    async (code, isKept) => {
      const { clock, service, ask } = setUp();
      await ask();
      service.failure = failure(code);
      await clock.advance(300_000);
      const [result] = await ask();
      expect(result instanceof AppError ? result.code : 'kept').toBe(isKept ? 'kept' : code);
    },
  );

  it('is the declared default where nothing is kept (F89)', async () => {
    const byDefault: Thing = { id: 'none', revision: 0, owner: null };
    const { service, ask } = setUp({ defaultValue: byDefault });
    service.failure = failure('CIRCUIT_OPEN');
    expect(only(await ask())).toMatchObject({ origin: 'default', value: byDefault, failure: { code: 'CIRCUIT_OPEN' } });
  });

  it('is what is kept rather than the default', async () => {
    const { clock, service, ask } = setUp({ defaultValue: { id: 'none', revision: 0, owner: null } });
    await ask();
    service.failure = failure('CIRCUIT_OPEN');
    await clock.advance(300_000);
    expect(only(await ask())).toMatchObject({ origin: 'kept', value: { revision: 1 } });
  });

  it('is nothing where a bug of ours failed, which is told in no words of its own', async () => {
    const { clock, cache, read } = setUp();
    const broken = { ...read, fetch: () => Promise.reject(new TypeError('x.y is not a function at 10.0.0.7')) };
    const [result] = await cache.many(broken, ['a'], requestScope(clock));
    expect(result).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: expect.not.stringContaining('10.0.0.7') as string,
    });
  });

  it('never rejects, even where the fetch throws before it returns a promise', async () => {
    const { clock, cache, read } = setUp();
    const broken = {
      ...read,
      fetch(): never {
        throw failure('DOWNSTREAM_UNAVAILABLE');
      },
    };
    expect(await cache.many(broken, ['a'], requestScope(clock))).toMatchObject([{ code: 'DOWNSTREAM_UNAVAILABLE' }]);
    expect(cache.use.callsUnderWay).toBe(0);
  });

  it('is judged for each key: one that failed alone errs alone', async () => {
    const { clock, cache, read } = setUp();
    const partly = {
      ...read,
      async fetch(keys: readonly string[], scope: ReadScope) {
        const answers = new Map(await read.fetch(keys, scope));
        return answers.set('b', failure('DOWNSTREAM_BAD_RESPONSE'));
      },
    };
    const [a, b, c] = await cache.many(partly, ['a', 'b', 'c'], requestScope(clock));
    expect([a, b, c]).toMatchObject([
      { thing: { value: { id: 'a' } } },
      { code: 'DOWNSTREAM_BAD_RESPONSE' },
      { thing: { value: { id: 'c' } } },
    ]);
  });
});

describe('what does not exist', () => {
  it('is null, believed for 5 seconds, and replaces what was kept', async () => {
    const { clock, service, ask } = setUp();
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
    const { clock, cache, read } = setUp();
    const silent = { ...read, fetch: async () => new Map() };
    expect(await cache.many(silent, ['a'], requestScope(clock))).toEqual([null]);
  });

  it('ends a refresh with NOT_FOUND', async () => {
    const { clock, service, ask } = setUp();
    await ask();
    service.missing.add('a');
    await clock.advance(61_000);
    await expect(only(await ask()).refresh).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is believed no longer than the thing would be', async () => {
    const { clock, service, ask } = setUp({ windows: { freshForMs: 1000, revalidateForMs: 0, keepForMs: 60_000 } });
    service.missing.add('a');
    await ask();
    service.missing.clear();
    await clock.advance(1000);
    expect(only(await ask())).toMatchObject({ origin: 'fetched' });
  });
});

describe('the wait where something else can be served', () => {
  it('is 500 ms, then the kept value is served while the call goes on', async () => {
    const { clock, service, ask } = setUp();
    await ask();
    service.revision = 2;
    service.hold();
    await clock.advance(300_000);
    const asked = ask();
    await clock.advance(499);
    expect(await Promise.race([asked, 'waiting'])).toBe('waiting');
    await clock.advance(1);
    const kept = only(await asked);
    expect(kept).toMatchObject({ origin: 'kept', failure: { code: 'DOWNSTREAM_TIMEOUT' }, value: { revision: 1 } });
    service.answer();
    expect(await kept.refresh).toMatchObject({ value: { revision: 2 } });
    expect(only(await ask())).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
  });

  it('is 40 % of what is left of the deadline where that is less', async () => {
    const { clock, service, ask } = setUp({ defaultValue: { id: 'none', revision: 0, owner: null } });
    service.hold();
    const asked = ask('a', requestScope(clock, { deadlineMs: 1000 }));
    await clock.advance(399);
    expect(await Promise.race([asked, 'waiting'])).toBe('waiting');
    await clock.advance(1);
    expect(only(await asked)).toMatchObject({ origin: 'default' });
  });

  it('is the whole deadline where nothing else can be served', async () => {
    const { clock, service, ask } = setUp();
    service.hold();
    const asked = ask('a', requestScope(clock, { deadlineMs: 1000 }));
    await clock.advance(999);
    expect(await Promise.race([asked, 'waiting'])).toBe('waiting');
    await clock.advance(1);
    expect(await asked).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
  });

  it('does not end the call with the request that was served', async () => {
    const { clock, service, ask } = setUp();
    await ask();
    service.hold();
    await clock.advance(300_000);
    const scope = requestScope(clock);
    const asked = ask('a', scope);
    await clock.advance(500);
    await asked;
    scope.end();
    expect(service.scopes.at(-1)?.deadline.signal.aborted).toBe(false);
    await clock.advance(10_000);
    expect(service.scopes.at(-1)?.deadline.signal.aborted).toBe(true);
  });
});

describe('calls that several wait for', () => {
  it('are one, for a thousand callers of a key (F62)', async () => {
    const { service, ask } = setUp();
    service.hold();
    const asked = Array.from({ length: 1000 }, () => ask());
    service.answer();
    const results = await Promise.all(asked);
    expect(service.calls).toEqual([['a']]);
    expect(new Set(results.map((result) => only(result).value.revision))).toEqual(new Set([1]));
  });

  it('ask only for the keys that nobody has asked for yet', async () => {
    const { clock, service, cache, read } = setUp();
    service.hold();
    const first = cache.many(read, ['a', 'b'], requestScope(clock));
    const second = cache.many(read, ['b', 'c', 'c'], requestScope(clock));
    service.answer();
    expect((await second).map((result) => only([result ?? null]).value.id)).toEqual(['b', 'c', 'c']);
    await first;
    expect(service.calls).toEqual([['a', 'b'], ['c']]);
  });

  it('take at most maxBatch keys each', async () => {
    const { clock, service, cache, read } = setUp({ maxBatch: 2 });
    await cache.many(read, ['a', 'b', 'c', 'd', 'e'], requestScope(clock));
    expect(service.calls).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('are cancelled when the last who waits has gone, and not before (F82)', async () => {
    const { clock, service, ask } = setUp();
    service.hold();
    const [first, second] = [requestScope(clock), requestScope(clock)];
    const asked = [ask('a', first), ask('a', second)];
    await clock.advance(0);
    const signal = service.scopes[0]?.deadline.signal;
    first.end();
    expect(await asked[0]).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(signal?.aborted).toBe(false);
    second.end();
    expect(await asked[1]).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(signal?.aborted).toBe(true);
  });

  it('have as long as the one who can wait longest', async () => {
    const { clock, service, ask } = setUp();
    service.hold();
    const hasty = ask('a', requestScope(clock, { deadlineMs: 100 }));
    const patient = ask('a', requestScope(clock, { deadlineMs: 5000 }));
    await clock.advance(100);
    expect(await hasty).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(service.scopes[0]?.deadline.remainingMs()).toBe(4900);
    service.answer();
    expect(only(await patient)).toMatchObject({ origin: 'fetched' });
  });

  it('are begun for nobody who has gone already', async () => {
    const { clock, service, ask } = setUp();
    const scope = requestScope(clock);
    scope.end();
    expect(await ask('a', scope)).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(service.calls).toEqual([]);
  });

  it('leave no timer, no call and no warning behind', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const { clock, service, cache, read } = setUp();
    service.hold();
    const scope = requestScope(clock);
    const asked = Array.from({ length: 50 }, (_, i) => cache.many(read, [`a${i}`], scope));
    await clock.advance(0);
    service.answer();
    await Promise.all(asked);
    await clock.advance(0);
    expect(cache.use.callsUnderWay).toBe(0);
    // The request's own deadline is the one left.
    expect(clock.pendingTimers).toBe(1);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('outlive a fetch that never settles and heeds no signal', async () => {
    const { clock, service, cache, ask } = setUp();
    service.hold();
    const asked = ask('a', requestScope(clock, { deadlineMs: 1000 }));
    await clock.advance(1000);
    expect(await asked).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(cache.use.callsUnderWay).toBe(0);
  });
});

describe('a viewer’s data', () => {
  const viewers = { audience: 'viewer', name: 'shop.mine' } as const;

  it('is fetched with the viewer’s identity and shown to nobody else', async () => {
    const { clock, service, ask } = setUp(viewers);
    const [ann, bob] = ['ann', 'bob'].map((viewerId) => requestScope(clock, { viewerId }));
    expect(only(await ask('a', ann)).value.owner).toBe('ann');
    expect(only(await ask('a', bob)).value.owner).toBe('bob');
    expect(only(await ask('a', ann)).value.owner).toBe('ann');
    expect(service.calls).toHaveLength(2);
  });

  it('is not asked for where there is no viewer', async () => {
    const { service, ask } = setUp(viewers);
    expect(await ask('a')).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
    expect(service.calls).toEqual([]);
  });

  it('never gets into what is public: a public read is fetched with nobody’s identity', async () => {
    const { clock, service, ask } = setUp();
    expect(only(await ask('a', requestScope(clock, { viewerId: 'ann' }))).value.owner).toBeNull();
    expect(service.scopes[0]?.viewerId).toBeNull();
  });

  it('stays apart for 200 viewers with 50 interleaved requests each', async () => {
    const { clock, cache, read } = setUp(viewers, Math.random);
    let foreign = 0;
    for (let round = 0; round < 50; round += 1) {
      await Promise.all(
        Array.from({ length: 200 }, async (_, viewer) => {
          const viewerId = `viewer${viewer}`;
          const results = await cache.many(read, [`${round % 7}`, `${viewer % 5}`], requestScope(clock, { viewerId }));
          foreign += results.filter((result) => only([result]).value.owner !== viewerId).length;
        }),
      );
      await clock.advance(5000);
    }
    expect(foreign).toBe(0);
  });

  it.each(['UNAUTHENTICATED', 'FORBIDDEN'] as const)(
    'is dropped, all of it, when the service says %s',
    async (code) => {
      const { clock, service, cache, read, ask } = setUp(viewers);
      const other = thingRead(service, { ...viewers, name: 'shop.others' });
      const ann = (): ReadScope => requestScope(clock, { viewerId: 'ann' });
      await ask('a', ann());
      await cache.many(other, ['a'], ann());
      await ask('a', requestScope(clock, { viewerId: 'bob' }));
      service.failure = failure(code);
      expect(await cache.many(read, ['b'], ann())).toMatchObject([{ code }]);
      service.failure = failure('DOWNSTREAM_UNAVAILABLE');
      expect(await ask('a', ann())).toMatchObject([{ code: 'DOWNSTREAM_UNAVAILABLE' }]);
      expect(await cache.many(other, ['a'], ann())).toMatchObject([{ code: 'DOWNSTREAM_UNAVAILABLE' }]);
      expect(only(await ask('a', requestScope(clock, { viewerId: 'bob' }))).origin).toBe('fresh');
    },
  );

  it('is removed by a purge', async () => {
    const { clock, cache, ask } = setUp(viewers);
    for (const viewerId of ['ann', 'anna', 'bob']) await ask('a', requestScope(clock, { viewerId }));
    await ask('b', requestScope(clock, { viewerId: 'ann' }));
    expect(await cache.purgeViewer('ann')).toEqual({ memory: 2, shared: 0 });
    expect(cache.use.entries).toBe(2);
  });
});

describe('a drop', () => {
  it('takes what a viewer has of a read, and no other’s', async () => {
    const { clock, service, cache, ask } = setUp({ audience: 'viewer', name: 'shop.mine' });
    for (const viewerId of ['ann', 'bob']) await ask('a', requestScope(clock, { viewerId }));
    await cache.drop({ viewerId: 'ann', reads: ['shop.mine'] });
    for (const viewerId of ['ann', 'bob']) await ask('a', requestScope(clock, { viewerId }));
    expect(service.calls).toHaveLength(3);
  });

  it('takes all that carries a tag, whosever it is', async () => {
    const { clock, service, cache, read, ask } = setUp();
    const mine = thingRead(service, { audience: 'viewer', name: 'shop.mine' });
    const ann = requestScope(clock, { viewerId: 'ann' });
    const all = async (): Promise<void> => {
      await cache.many(read, ['a', 'b'], ann);
      await cache.many(mine, ['a', 'b'], ann);
    };
    await all();
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    service.calls.length = 0;
    await all();
    expect(service.calls).toEqual([['a'], ['a']]);
  });

  it('is of everybody’s entries of a public read, where no viewer is named', async () => {
    const { service, cache, ask } = setUp();
    await ask('a');
    await cache.drop({ viewerId: null, reads: ['shop.things'] });
    await ask('a');
    expect(service.calls).toHaveLength(2);
  });

  it('leaves nothing to be served when the service fails: what was dropped is known to be wrong', async () => {
    const { service, cache, ask } = setUp();
    await ask('a');
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    expect(await ask('a')).toEqual([service.failure]);
  });

  it('wins over a refill that was asked for before it (F64)', async () => {
    const { service, cache, ask } = setUp();
    service.hold();
    const before = ask('a');
    service.revision = 2;
    const dropped = cache.drop({ viewerId: null, tags: ['thing:a'] });
    service.hold();
    const after = ask('a');
    service.answer('asAsked');
    await dropped;
    expect(only(await before).value.revision).toBe(1);
    expect(only(await after).value.revision).toBe(2);
    expect(only(await ask('a'))).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
    expect(service.calls).toHaveLength(2);
  });

  it('wins in ten thousand races, whatever their order (F64)', async () => {
    const { clock, service, cache, ask } = setUp();
    let old = 0;
    for (let i = 0; i < 10_000; i += 1) {
      service.hold();
      const early = ask('a');
      await (i % 3 === 0 ? clock.advance(0) : Promise.resolve());
      service.revision += 1;
      const { revision } = service;
      const dropped = cache.drop({ viewerId: null, tags: ['thing:a'] });
      if (i % 2 === 0) await dropped;
      const late = ask('a');
      service.answer('asAsked');
      await early;
      if (only(await late).value.revision < revision) old += 1;
      if (only(await ask('a')).value.revision < revision) old += 1;
      if (i % 5 === 0) await cache.drop({ viewerId: null, tags: ['thing:a'] });
    }
    expect(old).toBe(0);
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
    const shop = { price: 100, calls: 0, failure: undefined as AppError | undefined };
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

  it('serves the fresh one as fresh while the other has failed', async () => {
    const { clock, shop, ask } = setUpCatalog();
    await ask();
    shop.failure = failure('CIRCUIT_OPEN');
    await clock.advance(20_000);
    expect(await ask()).toMatchObject({ product: { origin: 'fresh' }, offer: { origin: 'kept' } });
  });
});

describe('what was fetched together', () => {
  it('does not fall due together: the worst second has at most twice the median second’s calls (F63)', async () => {
    const { clock, service, cache, read } = setUp(
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
    const { clock, cache, read } = setUp();
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

describe('the report of a look-up', () => {
  it('counts the keys by how they were served', async () => {
    const { clock, service, cache, read } = setUp();
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
});
