import { describe, expect, it } from 'vitest';
import type { ReadScope } from '../../../shared/cache/cached-read.ts';
import { AppError } from '../../../shared/errors.ts';
import { failure, only, openCache, requestScope, thingRead } from './cache-kit.ts';

describe('a viewer’s data', () => {
  const viewers = { audience: 'viewer', name: 'shop.mine' } as const;

  it('is fetched with the viewer’s identity and shown to nobody else', async () => {
    const { clock, service, ask } = openCache(viewers);
    const [ann, bob] = ['ann', 'bob'].map((viewerId) => requestScope(clock, { viewerId }));
    expect(only(await ask('a', ann)).value.owner).toBe('ann');
    expect(only(await ask('a', bob)).value.owner).toBe('bob');
    expect(only(await ask('a', ann)).value.owner).toBe('ann');
    expect(service.calls).toHaveLength(2);
  });

  it('is kept for each set of grants: a token that allows less does not see what one that allows more has brought', async () => {
    const { clock, service, cache, read } = openCache(viewers);
    const ask = (grants: string) =>
      cache.many(read, ['a'], { ...requestScope(clock, { viewerId: 'viewer-1' }), grants });
    await ask('shop:read shop:write');
    service.failure = failure('FORBIDDEN');
    expect(await ask('shop:write')).toMatchObject([{ code: 'FORBIDDEN' }]);
    expect(service.calls).toHaveLength(2);
  });

  it('is not asked for where there is no viewer', async () => {
    const { service, ask } = openCache(viewers);
    expect(await ask('a')).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
    expect(service.calls).toEqual([]);
  });

  it('never gets into what is public: a public read is fetched with nobody’s identity', async () => {
    const { clock, service, ask } = openCache();
    expect(only(await ask('a', requestScope(clock, { viewerId: 'ann' }))).value.owner).toBeNull();
    expect(service.scopes[0]?.viewerId).toBeNull();
  });

  it('stays apart for 200 viewers with 50 interleaved requests each', async () => {
    const { clock, cache, read } = openCache(viewers, Math.random);
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
      const { clock, service, cache, read, ask } = openCache(viewers);
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

  it('stays where the service refuses what one token may do, but for what that token was shown of this read before', async () => {
    const { clock, service, cache, read } = openCache(viewers);
    const insufficient = { type: 'https://shop.example/problems/insufficient-scope' };
    const refused = new AppError('FORBIDDEN', 'no', { service: 'shop', status: 403, problem: insufficient });
    const ask = async (grants: string) => {
      const scope = { ...requestScope(clock, { viewerId: 'ann' }), grants };
      const [result] = await cache.many(read, ['a'], scope);
      if (result instanceof AppError) return result.code;
      return result && (result.thing instanceof AppError ? result.thing.code : result.thing.origin);
    };
    await ask('orders');
    service.failure = refused;
    expect([await ask('profile'), await ask('orders')]).toEqual(['FORBIDDEN', 'fresh']);
    // What it may do has changed since.
    await clock.advance(130_000);
    expect(await ask('orders')).toBe('FORBIDDEN');
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    expect(await ask('orders')).toBe('DOWNSTREAM_UNAVAILABLE');
  });

  it('is removed by a purge', async () => {
    const { clock, cache, ask } = openCache(viewers);
    for (const viewerId of ['ann', 'anna', 'bob']) await ask('a', requestScope(clock, { viewerId }));
    await ask('b', requestScope(clock, { viewerId: 'ann' }));
    expect(await cache.purgeViewer('ann')).toEqual({ memory: 2, shared: 0 });
    expect(cache.use.entries).toBe(2);
  });
});

describe('a drop', () => {
  it('takes what a viewer has of a read, and no other’s', async () => {
    const { clock, service, cache, ask } = openCache({ audience: 'viewer', name: 'shop.mine' });
    for (const viewerId of ['ann', 'bob']) await ask('a', requestScope(clock, { viewerId }));
    await cache.drop({ viewerId: 'ann', reads: ['shop.mine'] });
    for (const viewerId of ['ann', 'bob']) await ask('a', requestScope(clock, { viewerId }));
    expect(service.calls).toHaveLength(3);
  });

  it('takes all that carries a tag, whosever it is', async () => {
    const { clock, service, cache, read } = openCache();
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
    const { service, cache, ask } = openCache();
    await ask('a');
    await cache.drop({ viewerId: null, reads: ['shop.things'] });
    await ask('a');
    expect(service.calls).toHaveLength(2);
  });

  it('leaves nothing to be served when the service fails: what was dropped is known to be wrong', async () => {
    const { service, cache, ask } = openCache();
    await ask('a');
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    expect(await ask('a')).toEqual([service.failure]);
  });

  it('wins over a refill that was asked for before it (F64)', async () => {
    const { service, cache, ask } = openCache();
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
    const { clock, service, cache, ask } = openCache();
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
