import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { createFakeService, type FakeService, failure, only, requestScope, thingRead } from './cache-kit.ts';
import { eventually, type Replica, type ReplicaOptions, startReplica } from './replica.ts';

const mine = { audience: 'viewer', name: 'shop.mine' } as const;
const ann = () => requestScope(systemClock, { viewerId: 'ann' });

let redis: RedisServer;
let service: FakeService;
let replicas: Replica[];

beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.command('FLUSHALL');
  service = createFakeService();
  replicas = [];
});
afterEach(async () => {
  service.answer();
  await redis.resume();
  await Promise.all(replicas.map((replica) => replica.close()));
});

async function start(url = redis.url, options: ReplicaOptions = {}): Promise<Replica> {
  const replica = startReplica(url, options);
  replicas.push(replica);
  await replica.untilHearing();
  return replica;
}

async function revisionSeenBy(replica: Replica, id = 'x'): Promise<number> {
  return only(await replica.cache.many(thingRead(service, mine), [id], ann())).value.revision;
}

/** The mutation as a resolver makes it: the service first, then the drop. */
async function writeThrough(replica: Replica): Promise<void> {
  service.revision += 1;
  await replica.cache.drop({ viewerId: 'ann', reads: ['shop.mine'] });
}

/** Redis has told everyone who listens: its pushes leave with the reply to the drop, and arrive before this does. */
async function heard(replica: Replica): Promise<void> {
  await replica.gateway.connection.ping();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a write by a viewer', () => {
  it('is read back by that viewer from every process', async () => {
    const [a, b] = [await start(), await start()];
    for (let i = 0; i < 20; i += 1) {
      expect([await revisionSeenBy(a), await revisionSeenBy(b)]).toEqual([service.revision, service.revision]);
      await writeThrough(i % 2 === 0 ? a : b);
      await heard(i % 2 === 0 ? b : a);
    }
  });

  it('does not cost other viewers what they have', async () => {
    const [a, b] = [await start(), await start()];
    const bob = () => requestScope(systemClock, { viewerId: 'bob' });
    const read = thingRead(service, mine);
    await b.cache.many(read, ['x'], bob());
    await writeThrough(a);
    await heard(b);
    service.calls.length = 0;
    expect(only(await b.cache.many(read, ['x'], bob())).origin).toBe('fresh');
    expect(service.calls).toEqual([]);
  });

  it('wins over a refill that another process asked for before it', async () => {
    const [a, b] = [await start(), await start()];
    service.hold();
    const early = revisionSeenBy(b);
    await eventually(() => service.calls.length === 1);
    await writeThrough(a);
    service.answer('asAsked');
    expect(await early).toBe(1);
    await heard(b);
    expect(await revisionSeenBy(b)).toBe(2);
    expect(await revisionSeenBy(a)).toBe(2);
  });

  it('wins over entries that another process stored before it, for tags too', async () => {
    const [a, b] = [await start(), await start()];
    const read = thingRead(service);
    await b.cache.many(read, ['x', 'y'], ann());
    service.revision = 2;
    await a.cache.drop({ viewerId: 'ann', tags: ['thing:x'] });
    await heard(b);
    const [x, y] = await b.cache.many(read, ['x', 'y'], ann());
    expect([x, y]).toMatchObject([{ thing: { value: { revision: 2 } } }, { thing: { value: { revision: 1 } } }]);
  });
});

describe('a process that cannot hear the others', () => {
  it('asks Redis what is current each time, and holds nothing of a viewer’s itself', async () => {
    await redis.command('ACL', 'SETUSER', 'deaf', 'on', '>pw', '~*', '&*', '+@all', '-client|tracking');
    const a = await start();
    const deaf = startReplica(`redis://deaf:pw@127.0.0.1:${redis.port}`);
    replicas.push(deaf);
    await deaf.untilUp();
    for (let i = 0; i < 5; i += 1) {
      expect(await revisionSeenBy(deaf)).toBe(service.revision);
      expect(await revisionSeenBy(deaf)).toBe(service.revision);
      await writeThrough(a);
      expect(await revisionSeenBy(deaf)).toBe(service.revision);
      await writeThrough(deaf);
      await heard(a);
      expect(await revisionSeenBy(a)).toBe(service.revision);
    }
    expect(deaf.events).not.toContain('hearing');
    expect(deaf.cache.use.entries).toBe(0);
  });
});

describe('a write while Redis is away', () => {
  it('is read back by the writer at once', async () => {
    const a = await start();
    await revisionSeenBy(a);
    await redis.pause();
    await writeThrough(a);
    expect(await revisionSeenBy(a)).toBe(2);
    await redis.resume();
    await a.untilHearing();
    expect(await revisionSeenBy(a)).toBe(2);
  });

  it('is read back from the other process while Redis hangs, as soon as that has noticed', async () => {
    const [a, b] = [await start(), await start()];
    await revisionSeenBy(b);
    await redis.pause();
    await eventually(() => b.events.at(-1) === 'deaf', 3000);
    await writeThrough(a);
    expect(await revisionSeenBy(b)).toBe(2);
  });

  it('is read back from the other process when Redis is back with what it had (hang)', async () => {
    const [a, b] = [await start(), await start()];
    await revisionSeenBy(a);
    await revisionSeenBy(b);
    await redis.pause();
    await writeThrough(a);
    await redis.resume();
    await Promise.all([a, b].map((replica) => replica.untilUp()));
    await a.until(() => !a.events.some((event) => event.startsWith('pending')) || a.events.includes('pending 0'));
    await heard(b);
    expect(await revisionSeenBy(b)).toBe(2);
    expect(await revisionSeenBy(a)).toBe(2);
  });

  it('is read back from the other process when Redis is back with what it had (both cut off)', async () => {
    const proxy = await startTcpProxy(redis.port);
    const url = `redis://127.0.0.1:${proxy.port}`;
    const [a, b] = [await start(url), await start(url)];
    await revisionSeenBy(a);
    await revisionSeenBy(b);
    proxy.isBlackHole = true;
    proxy.cut();
    await Promise.all([a, b].map((replica) => replica.until(() => replica.events.at(-1) === 'deaf')));
    await writeThrough(a);
    expect(a.events).toContain('pending 1');
    expect(await revisionSeenBy(b)).toBe(2);
    proxy.isBlackHole = false;
    proxy.cut();
    // Whoever comes back first: what Redis has is from before the write.
    await Promise.race([a.untilUp(), b.untilUp()]);
    await b.untilUp();
    expect(await revisionSeenBy(b)).toBe(2);
    await a.untilUp();
    expect(await revisionSeenBy(a)).toBe(2);
    await a.until(() => a.events.includes('pending 0'));
    await proxy.close();
  });

  it('is read back by another process that is back before the writer, by whichever of its keys', async () => {
    const [wayOfA, wayOfB] = [await startTcpProxy(redis.port), await startTcpProxy(redis.port)];
    const a = await start(`redis://127.0.0.1:${wayOfA.port}`);
    const b = await start(`redis://127.0.0.1:${wayOfB.port}`);
    const untagged = thingRead(service, { ...mine, tagsOf: () => [] });
    const seen = async (id: string) => only(await b.cache.many(untagged, [id], ann())).value.revision;
    expect([await seen('x'), await seen('y')]).toEqual([1, 1]);
    for (const proxy of [wayOfA, wayOfB]) {
      proxy.isBlackHole = true;
      proxy.cut();
    }
    await Promise.all([a, b].map((replica) => replica.until(() => replica.events.at(-1) === 'deaf')));
    await writeThrough(a);
    wayOfB.isBlackHole = false;
    wayOfB.cut();
    await b.untilHearing();
    expect([await seen('x'), await seen('y')]).toEqual([2, 2]);
    await Promise.all([wayOfA.close(), wayOfB.close()]);
  });

  it('is read back by a process that was started while Redis was away', async () => {
    const proxy = await startTcpProxy(redis.port);
    const a = await start(`redis://127.0.0.1:${proxy.port}`);
    await revisionSeenBy(a);
    await eventually(async () => ((await redis.command('KEYS', 'shop-bff:e:*')) as string[]).length === 1);
    proxy.isBlackHole = true;
    proxy.cut();
    await a.until(() => a.events.at(-1) === 'deaf');
    await writeThrough(a);
    const [late, early] = [0, 60_000].map((startWithinMs) => startReplica(redis.url, { sharing: { startWithinMs } }));
    if (late === undefined || early === undefined) throw new Error('two were started');
    replicas.push(late, early);
    await Promise.all([late.untilHearing(), early.untilHearing()]);
    // What nobody could have told it: the writer alone is cut off.
    expect(await revisionSeenBy(early)).toBe(1);
    expect(await revisionSeenBy(late)).toBe(2);
    await proxy.close();
  });

  it('is made up for before the writer reads those keys again, even when it is read at that very moment', async () => {
    const proxy = await startTcpProxy(redis.port);
    const a = await start(`redis://127.0.0.1:${proxy.port}`);
    const b = await start();
    await revisionSeenBy(a);
    proxy.cut();
    await a.until(() => a.events.at(-1) !== 'hearing');
    await writeThrough(a);
    const seen: number[] = [];
    await a.until(() => a.gateway.isAvailable);
    for (let i = 0; i < 10; i += 1) seen.push(await revisionSeenBy(a));
    expect(new Set(seen)).toEqual(new Set([2]));
    await heard(b);
    expect(await revisionSeenBy(b)).toBe(2);
    await proxy.close();
  });

  it('is read back when more was written than is remembered one by one', async () => {
    const proxy = await startTcpProxy(redis.port);
    const a = await start(`redis://127.0.0.1:${proxy.port}`, { sharing: { pending: { maxPerViewer: 3, max: 20 } } });
    const b = await start();
    const bob = () => requestScope(systemClock, { viewerId: 'bob' });
    await revisionSeenBy(a);
    await a.cache.many(thingRead(service, mine), ['x'], bob());
    proxy.isBlackHole = true;
    proxy.cut();
    await a.until(() => a.events.at(-1) === 'deaf');
    service.revision = 2;
    for (let i = 0; i < 5; i += 1) await a.cache.drop({ viewerId: 'ann', reads: [`shop.other-${i}`] });
    for (let i = 0; i < 30; i += 1) await a.cache.drop({ viewerId: `someone-${i}`, reads: ['shop.mine'] });
    proxy.isBlackHole = false;
    proxy.cut();
    await a.until(() => a.events.includes('pending 0'));
    await heard(b);
    expect(await revisionSeenBy(b)).toBe(2);
    expect(only(await b.cache.many(thingRead(service, mine), ['x'], bob())).value.revision).toBe(2);
    await proxy.close();
  });
});

describe('a viewer’s data in process memory', () => {
  it('is not used while drops are not heard, and what is public is', async () => {
    const a = await start();
    const everybodys = thingRead(service);
    await revisionSeenBy(a);
    await a.cache.many(everybodys, ['x'], ann());
    await redis.pause();
    await eventually(() => a.events.at(-1) === 'deaf' || a.events.at(-1) === 'open', 3000);
    service.calls.length = 0;
    await revisionSeenBy(a);
    expect(only(await a.cache.many(everybodys, ['x'], ann())).origin).toBe('fresh');
    expect(service.calls).toEqual([['x']]);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    expect(await a.cache.many(thingRead(service, mine), ['x'], ann())).toEqual([service.failure]);
  });

  it('is heard again after every way of losing the connection', async () => {
    const proxy = await startTcpProxy(redis.port);
    const [a, b] = [await start(`redis://127.0.0.1:${proxy.port}`), await start()];
    for (const lose of [
      async () => proxy.cut(),
      () => redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      () => redis.command('CLIENT', 'KILL', 'TYPE', 'normal'),
    ]) {
      const deafened = a.events.length;
      await lose();
      await a.until(() => a.events.slice(deafened).includes('hearing'));
      await b.untilHearing();
      await revisionSeenBy(a);
      await revisionSeenBy(a);
      await writeThrough(b);
      await heard(a);
      expect(await revisionSeenBy(a)).toBe(service.revision);
    }
    await proxy.close();
  });
});

describe('two real processes', () => {
  it('read each other’s writes back, with a Redis outage between', async () => {
    const script = fileURLToPath(new URL('replica-process.ts', import.meta.url));
    const [first, second] = [fork(script, [redis.url]), fork(script, [redis.url])];
    const ask = async (child: typeof first, message: object): Promise<Record<string, unknown>> => {
      child.send(message);
      const [reply] = (await once(child, 'message')) as [Record<string, unknown>];
      return reply;
    };
    try {
      await Promise.all([once(first, 'message'), once(second, 'message')]);
      const children = [first, second];
      /** A drop is heard within a round trip, and one that was made while Redis hung, once it is well. */
      const untilBothRead = async (revision: number): Promise<void> => {
        for (const child of children)
          await eventually(async () => (await ask(child, { kind: 'read', revision }))['revision'] === revision, 2000);
      };
      await untilBothRead(1);
      await ask(first, { kind: 'write' });
      await untilBothRead(2);
      await redis.pause();
      await ask(second, { kind: 'write' });
      await redis.resume();
      await Promise.all(children.map((child) => ask(child, { kind: 'untilHearing' })));
      await untilBothRead(3);
      await redis.kill();
      await ask(first, { kind: 'write' });
      await redis.start();
      await Promise.all(children.map((child) => ask(child, { kind: 'untilHearing' })));
      await expect(untilBothRead(4)).resolves.toBeUndefined();
    } finally {
      for (const child of [first, second]) child.kill();
    }
  });
});

it('a drop by another process is seen by who asks while the same key waits for company', async () => {
  const [writer, reader] = [await start(), await start(redis.url, { cache: { mergeWindowMs: 300 } })];
  const read = thingRead(service);
  const ask = (replica: Replica, id: string) => replica.cache.many(read, [id], requestScope(systemClock));
  await ask(writer, 'x');
  await expect.poll(() => redis.command('DBSIZE')).toBeGreaterThan(0);
  service.hold();
  const busy = ask(reader, 'busy');
  await expect.poll(() => service.calls.at(-1)).toEqual(['busy']);
  const before = ask(reader, 'x');
  service.revision = 2;
  await writer.cache.drop({ viewerId: null, tags: ['thing:x'] });
  const after = ask(reader, 'x');
  // Asked of the service, and not found in Redis.
  await expect.poll(() => service.calls).toEqual([['x'], ['busy'], ['x']]);
  service.answer();
  expect(only(await after).value.revision).toBe(2);
  await Promise.all([busy, before]);
  expect(only(await ask(reader, 'x')).value.revision).toBe(2);
});
