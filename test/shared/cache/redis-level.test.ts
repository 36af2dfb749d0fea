import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CachedRead } from '../../../shared/cache/cached-read.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { createFakeService, type FakeService, failure, minute, only, requestScope, thingRead } from './cache-kit.ts';
import { eventually, type Replica, type ReplicaOptions, startReplica } from './replica.ts';

let redis: RedisServer;
let clock: FakeClock;
let service: FakeService;
let replicas: Replica[];

beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.command('FLUSHALL');
  clock = createFakeClock();
  service = createFakeService();
  replicas = [];
});
afterEach(async () => {
  service.answer();
  await Promise.all(replicas.map((replica) => replica.close()));
});

/** So many processes, all of them hearing each other, on one clock that stands still. */
async function start(count: number, options: ReplicaOptions = {}): Promise<[Replica, ...Replica[]]> {
  const started = Array.from({ length: count }, () => startReplica(redis.url, { clock, ...options }));
  replicas.push(...started);
  await Promise.all(started.map((replica) => replica.untilHearing()));
  return started as [Replica, ...Replica[]];
}

function entryKeys(): Promise<string[]> {
  return redis.command('KEYS', 'shop-bff:e:*').then((keys) => (keys as string[]).toSorted());
}

const untilStored = (count: number): Promise<void> => eventually(async () => (await entryKeys()).length === count);

describe('what one process has fetched', () => {
  it('is served by another without asking the service', async () => {
    const [a, b = a] = await start(2);
    const read = thingRead(service);
    await a.cache.many(read, ['x', 'y'], requestScope(clock));
    await untilStored(2);
    const scope = requestScope(clock);
    const [x, y] = await b.cache.many(read, ['x', 'y'], scope);
    expect([x, y]).toMatchObject([
      { thing: { origin: 'fresh', value: { id: 'x' } } },
      { thing: { origin: 'fresh', value: { id: 'y' } } },
    ]);
    expect(service.calls).toEqual([['x', 'y']]);
    expect(scope.lookups).toEqual([{ fresh: 2 }]);
  });

  it('keeps its age: another process judges it by when it was fetched', async () => {
    const [a, b = a] = await start(2);
    await a.cache.many(thingRead(service), ['x'], requestScope(clock));
    await untilStored(1);
    const fetchedAtMs = clock.wallMs();
    await clock.advance(90_500);
    const other = only(await b.cache.many(thingRead(service), ['x'], requestScope(clock)));
    expect(other).toMatchObject({ origin: 'revalidating', staleSeconds: 31 });
    expect(Math.abs(other.fetchedAtMs - fetchedAtMs)).toBeLessThan(1000);
  });

  it('is judged by the windows of whoever reads it', async () => {
    const [a, b = a] = await start(2);
    await a.cache.many(thingRead(service), ['x'], requestScope(clock));
    await untilStored(1);
    await clock.advance(20_000);
    const strict = thingRead(service, { windows: { freshForMs: 10_000, revalidateForMs: 0, keepForMs: 60_000 } });
    expect(only(await b.cache.many(strict, ['x'], requestScope(clock))).origin).toBe('fetched');
    expect(only(await a.cache.many(thingRead(service), ['x'], requestScope(clock))).origin).toBe('fresh');
  });

  it('stands in for a service that fails for another', async () => {
    const [a, b = a] = await start(2);
    await a.cache.many(thingRead(service), ['x'], requestScope(clock));
    await untilStored(1);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(600_500);
    expect(only(await b.cache.many(thingRead(service), ['x'], requestScope(clock)))).toMatchObject({
      origin: 'kept',
      staleSeconds: 541,
      ageSeconds: 600,
      failure: { code: 'DOWNSTREAM_UNAVAILABLE' },
    });
  });

  it('has a TTL of its longest window and at most a tenth more; a tag’s name a longer one, what everything hangs on none', async () => {
    const [a] = await start(1);
    await a.cache.many(thingRead(service), ['x'], requestScope(clock));
    await untilStored(1);
    const [key = ''] = await entryKeys();
    const ttlMs = Number(await redis.command('PTTL', key));
    expect(ttlMs).toBeGreaterThan(minute.keepForMs * 0.99);
    expect(ttlMs).toBeLessThanOrEqual(minute.keepForMs * 1.1);
    const names = (await redis.command('KEYS', 'shop-bff:g:*')) as string[];
    const [ofTag, ofEverything] = [
      names.filter((name) => name.includes(':t')),
      names.filter((name) => !name.includes(':t')),
    ];
    expect([ofTag.length, ofEverything.length]).toEqual([1, 2]);
    for (const name of ofTag) expect(Number(await redis.command('PTTL', name))).toBeGreaterThan(2 * minute.keepForMs);
    for (const name of ofEverything) expect(Number(await redis.command('PTTL', name))).toBe(-1);
  });

  it('hangs on names that are touched every ten seconds: a Redis that evicts takes first what nobody asks for', async () => {
    const [a] = await start(1);
    await a.cache.many(thingRead(service), ['x'], requestScope(clock));
    await redis.command('CONFIG', 'RESETSTAT');
    await clock.advance(30_500);
    const touches = async () =>
      /cmdstat_touch:calls=(\d+)/.exec(String(await redis.command('INFO', 'commandstats')))?.[1];
    await eventually(async () => (await touches()) === '3');
    expect(await touches()).toBe('3');
  });

  it('holds both records of the catalog’s read', async () => {
    const [a, b = a] = await start(2);
    let calls = 0;
    const read: CachedRead<string, { product: { name: string }; offer: { price: number } }> = {
      name: 'catalog.products',
      service: 'catalog',
      audience: 'public',
      maxBatch: 100,
      parts: {
        product: { version: 1, windows: minute },
        offer: { version: 1, windows: { freshForMs: 10_000, revalidateForMs: 0, keepForMs: 60_000 } },
      },
      keyOf: (id) => [id],
      async fetch(ids) {
        calls += 1;
        return new Map(ids.map((id) => [id, { product: { name: id }, offer: { price: calls } }]));
      },
    };
    await a.cache.many(read, ['x'], requestScope(clock));
    await untilStored(1);
    expect(await b.cache.many(read, ['x'], requestScope(clock))).toMatchObject([
      { product: { origin: 'fresh' }, offer: { origin: 'fresh', value: { price: 1 } } },
    ]);
    await clock.advance(12_000);
    expect(await b.cache.many(read, ['x'], requestScope(clock))).toMatchObject([
      { product: { origin: 'fetched' }, offer: { origin: 'fetched', value: { price: 2 } } },
    ]);
  });
});

describe('a batch', () => {
  it('is one round trip to Redis, of whatever size', async () => {
    const proxy = await startTcpProxy(redis.port);
    const replica = startReplica(`redis://127.0.0.1:${proxy.port}`, { clock });
    replicas.push(replica);
    await replica.untilHearing();
    const ids = Array.from({ length: 50 }, (_, i) => String(i));
    proxy.piecesUp = 0;
    service.hold();
    const asked = replica.cache.many(thingRead(service), ids, requestScope(clock));
    await eventually(() => service.calls.length > 0);
    expect(proxy.piecesUp).toBe(1);
    service.answer();
    await asked;
    await proxy.close();
  });

  it('is stored whole, and found whole', async () => {
    const [a, b = a] = await start(2);
    const ids = Array.from({ length: 300 }, (_, i) => String(i));
    await a.cache.many(thingRead(service), ids, requestScope(clock));
    await untilStored(300);
    const scope = requestScope(clock);
    await b.cache.many(thingRead(service), ids, scope);
    expect(scope.lookups).toEqual([{ fresh: 300 }]);
  });
});

describe('a refresh that nobody waits for', () => {
  it('is one for the fleet; the other processes have its answer soon after', async () => {
    const fleet = await start(3);
    const read = thingRead(service);
    for (const { cache } of fleet) await cache.many(read, ['x'], requestScope(clock));
    await untilStored(1);
    service.calls.length = 0;
    service.revision = 2;
    service.hold();
    await clock.advance(61_000);
    const served = await Promise.all(fleet.map(({ cache }) => cache.many(read, ['x'], requestScope(clock))));
    expect(served.map((results) => only(results).origin)).toEqual(['revalidating', 'revalidating', 'revalidating']);
    await eventually(() => service.calls.length === 1);
    service.answer();
    const refreshes = Promise.all(served.map((results) => Promise.resolve(only(results).refresh?.())));
    for (let i = 0; i < 10; i += 1) {
      // What is real here is Redis: it answers before the next step of the clock.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await clock.advance(100);
    }
    expect((await refreshes).map((record) => record?.value.revision)).toEqual([2, 2, 2]);
    expect(service.calls).toEqual([['x']]);
  });

  it('is made by whoever waits for it after all', async () => {
    const [a, b = a] = await start(2);
    const read = thingRead(service);
    for (const { cache } of [a, b]) await cache.many(read, ['x'], requestScope(clock));
    service.calls.length = 0;
    service.hold();
    await clock.advance(119_000);
    await a.cache.many(read, ['x'], requestScope(clock));
    await eventually(() => service.calls.length === 1);
    await b.cache.many(read, ['x'], requestScope(clock));
    await clock.advance(2000);
    const waiting = b.cache.many(read, ['x'], requestScope(clock));
    await eventually(() => service.calls.length === 2);
    service.answer();
    expect(only(await waiting).origin).toBe('fetched');
  });

  it('is made here where it was refused what is kept, and the process that took it on does not deliver', async () => {
    const [a, b = a] = await start(2);
    const read = thingRead(service);
    for (const { cache } of [a, b]) await cache.many(read, ['x'], requestScope(clock));
    service.calls.length = 0;
    service.revision = 2;
    service.hold();
    await clock.advance(61_000);
    await a.cache.many(read, ['x'], requestScope(clock));
    await eventually(() => service.calls.length === 1);
    const refreshed = only(await b.cache.many(read, ['x'], requestScope(clock))).refresh?.();
    await eventually(async () => {
      await clock.advance(100);
      return service.calls.length === 2;
    });
    service.answer();
    expect(await refreshed).toMatchObject({ origin: 'fetched', value: { revision: 2 } });
  });

  it('never keeps a miss waiting: that asks for itself', async () => {
    const [a, b = a] = await start(2);
    service.hold();
    const both = [a, b].map(({ cache }) => cache.many(thingRead(service), ['x'], requestScope(clock)));
    await eventually(() => service.calls.length === 2);
    service.answer();
    expect((await Promise.all(both)).map((results) => only(results).origin)).toEqual(['fetched', 'fetched']);
  });

  it('follows for what Redis had past its fresh window', async () => {
    const [a, b = a] = await start(2);
    await a.cache.many(thingRead(service), ['x'], requestScope(clock));
    await untilStored(1);
    service.revision = 2;
    await clock.advance(61_000);
    const found = only(await b.cache.many(thingRead(service), ['x'], requestScope(clock)));
    expect(found).toMatchObject({ origin: 'revalidating', value: { revision: 1 } });
    expect(await found.refresh?.()).toMatchObject({ value: { revision: 2 } });
  });
});

describe('what does not exist any more', () => {
  it('is not served by another process that still holds it', async () => {
    const [a, b = a] = await start(2);
    const read = thingRead(service);
    for (const { cache } of [a, b]) await cache.many(read, ['x'], requestScope(clock));
    await untilStored(1);
    await clock.advance(150_000);
    service.missing.add('x');
    expect(await a.cache.many(read, ['x'], requestScope(clock))).toEqual([null]);
    await eventually(async () => Number(await redis.command('STRLEN', (await entryKeys())[0] ?? '')) < 300);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(10_000);
    expect(await b.cache.many(read, ['x'], requestScope(clock))).toEqual([service.failure]);
  });

  it('stays in Redis for seconds only where nothing was known of it', async () => {
    const [a] = await start(1);
    service.missing.add('never-was');
    await a.cache.many(thingRead(service), ['never-was'], requestScope(clock));
    await untilStored(1);
    expect(Number(await redis.command('PTTL', (await entryKeys())[0] ?? ''))).toBeLessThanOrEqual(5500);
  });
});

describe('a viewer’s data in Redis', () => {
  const mine = { audience: 'viewer', name: 'shop.mine' } as const;
  const as = (viewerId: string) => requestScope(clock, { viewerId });

  it('is under that viewer’s keys and found by nobody else, in any process', async () => {
    const fleet = await start(2);
    const read = thingRead(service, mine);
    const owners: (string | null)[] = [];
    for (const { cache } of fleet)
      for (const viewer of ['ann', 'bob']) owners.push(only(await cache.many(read, ['x'], as(viewer))).value.owner);
    expect(owners).toEqual(['ann', 'bob', 'ann', 'bob']);
    expect(service.calls).toHaveLength(2);
    expect(await entryKeys()).toEqual(['shop-bff:e:v3:ann0:9:shop.mine1:x', 'shop-bff:e:v3:bob0:9:shop.mine1:x']);
  });

  it('is gone after a purge: from Redis, and from every process’s memory', async () => {
    const [a, b = a] = await start(2);
    const read = thingRead(service, mine);
    for (const viewer of ['ann', 'anna', 'a*', 'bob'])
      for (const { cache } of [a, b]) await cache.many(read, ['x', 'y'], as(viewer));
    await untilStored(8);
    expect(await a.cache.purgeViewer('ann')).toEqual({ memory: 2, shared: 2 });
    expect(await a.cache.purgeViewer('a*')).toEqual({ memory: 2, shared: 2 });
    expect(await entryKeys()).toHaveLength(4);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await eventually(async () => (await b.cache.many(read, ['x'], as('ann')))[0] === service.failure);
  });
});
