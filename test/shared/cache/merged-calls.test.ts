import { describe, expect, it } from 'vitest';
import type { ReadThroughOptions } from '../../../shared/cache/read-through.ts';
import { AppError } from '../../../shared/errors.ts';
import { ids, openBusy } from './busy-service.ts';
import { failure, isWaiting, only, requestScope, type TestScope, thingRead } from './cache-kit.ts';

describe('keys of several requests, while their service is being asked', () => {
  it('go out in one call after 1 ms, each once, and each request gets its own', async () => {
    const { clock, service, ask } = await openBusy();
    const asked = [ask(['a', 'b']), ask(['b', 'c']), ask('a')];
    await clock.advance(0.5);
    asked.push(ask(['d', 'a']));
    await clock.advance(0.49);
    expect(service.calls).toEqual([]);
    await clock.advance(0.01);
    expect(service.calls).toEqual([['a', 'b', 'c', 'd']]);
    service.answer();
    expect((await Promise.all(asked)).map(ids)).toEqual([['a', 'b'], ['b', 'c'], ['a'], ['d', 'a']]);
    expect(service.calls).toHaveLength(1);
  });

  it('go out as soon as the service has answered', async () => {
    const { clock, service, ask, busy } = await openBusy();
    const asked = [ask('a'), ask('b')];
    await clock.advance(0.2);
    service.answer();
    await busy;
    await clock.advance(0);
    expect(service.calls).toEqual([['a', 'b']]);
    expect((await Promise.all(asked)).map(ids)).toEqual([['a'], ['b']]);
    expect(clock.nowMs()).toBe(0.2);
  });

  it('wait while any call to the service is under way, and not for the next one to end', async () => {
    const { clock, service, ask } = await openBusy();
    const first = ask('a');
    await clock.advance(1);
    const second = ask('b');
    await clock.advance(1);
    expect(service.calls).toEqual([['a'], ['b']]);
    service.answer();
    await Promise.all([first, second]);
  });

  it('wait on while another call to the service has ended, and one has not', async () => {
    const { clock, service, cache, ask } = await openBusy();
    const answered = Promise.withResolvers<Map<string, null>>();
    const other = thingRead(service, { name: 'shop.others', maxBatch: 1, fetch: () => answered.promise });
    const first = cache.many(other, ['x'], requestScope(clock));
    const asked = ask('a');
    await clock.advance(0.5);
    answered.resolve(new Map());
    await first;
    await clock.advance(0.4);
    expect(service.calls).toEqual([]);
    await clock.advance(0.1);
    expect(service.calls).toEqual([['a']]);
    service.answer();
    await asked;
  });

  it('go out at once when there are maxBatch of them, and the others in a further call', async () => {
    const { clock, service, ask, merged } = await openBusy({ maxBatch: 3 });
    const asked = [ask(['a', 'b']), ask(['c', 'd']), ask(['e', 'f', 'g', 'h', 'i', 'j'])];
    await clock.advance(0);
    expect(service.calls).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
      ['g', 'h', 'i'],
    ]);
    await clock.advance(1);
    expect(service.calls[3]).toEqual(['j']);
    expect(merged.map(({ length }) => length)).toEqual([2, 2]);
    service.answer();
    const results = await Promise.all(asked);
    expect(results.flatMap(ids).join('')).toBe('abcdefghij');
  });

  it('are asked for once, though one request names a key twice and a batch ends between', async () => {
    const { clock, service, ask } = await openBusy({ maxBatch: 2 });
    const asked = ask(['a', 'b', 'b', 'a', 'c']);
    await clock.advance(1);
    expect(service.calls.flat().toSorted()).toEqual(['a', 'b', 'c']);
    service.answer();
    expect(ids(await asked)).toEqual(['a', 'b', 'b', 'a', 'c']);
  });

  it('travel only with keys of the same read', async () => {
    const { clock, service, cache, ask } = await openBusy();
    const other = thingRead(service, { name: 'shop.others' });
    const asked = [ask('a'), cache.many(other, ['a'], requestScope(clock)), ask('b')];
    await clock.advance(1);
    expect(service.calls).toEqual([['a', 'b'], ['a']]);
    service.answer();
    await Promise.all(asked);
  });

  it('wait for no other service', async () => {
    const { clock, service, cache } = await openBusy();
    const other = thingRead(service, { name: 'stock.things', service: 'stock' });
    const asked = cache.many(other, ['a'], requestScope(clock));
    await clock.advance(0);
    expect(service.calls).toEqual([['a']]);
    service.answer();
    await asked;
  });
});

describe('company is not waited for', () => {
  it('by a service that is idle', async () => {
    const { service, ask, busy } = await openBusy();
    service.answer();
    await busy;
    service.hold();
    const asked = ask('a');
    await Promise.resolve();
    expect(service.calls).toEqual([['a']]);
    service.answer();
    await asked;
  });

  it.each<[string, Parameters<typeof thingRead>[1], Partial<ReadThroughOptions>]>([
    ['in a viewer’s read', { audience: 'viewer' }, {}],
    ['in a read that asks for one key at a time', { maxBatch: 1 }, {}],
    ['in a read that is not kept', { windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 0 } }, {}],
    ['without a window', {}, { mergeWindowMs: 0 }],
    ['where nobody joins', {}, { isJoining: false }],
  ])('%s', async (_case, given, options) => {
    const { clock, service, ask } = await openBusy(given, options);
    const asked = [
      ask('a', requestScope(clock, { viewerId: 'ann' })),
      ask('b', requestScope(clock, { viewerId: 'ann' })),
    ];
    await clock.advance(0);
    expect(service.calls).toEqual([['a'], ['b']]);
    service.answer();
    await Promise.all(asked);
  });
});

describe('a call for several requests', () => {
  it('is nobody’s: it is made of every request’s scope, each once', async () => {
    const { clock, service, ask, merged } = await openBusy();
    const [ann, bob] = [requestScope(clock, { viewerId: 'ann' }), requestScope(clock, { viewerId: 'bob' })];
    const asked = [ask('a', ann), ask('b', bob), ask('c', ann)];
    await clock.advance(1);
    expect(merged).toEqual([[ann, bob]]);
    expect(service.scopes[0]?.viewerId).toBeNull();
    service.answer();
    await Promise.all(asked);
  });

  it('is one request’s own where it had no company', async () => {
    const { clock, service, ask, merged } = await openBusy();
    const ann = requestScope(clock, { viewerId: 'ann' });
    const asked = [ask('a', ann), ask('c', ann)];
    await clock.advance(1);
    expect(merged).toEqual([]);
    expect(service.calls).toEqual([['a', 'c']]);
    expect(service.scopes[0]).toMatchObject({ viewerId: null, report: ann.report });
    service.answer();
    await Promise.all(asked);
  });

  it('ends with the last who waits, and has as long as the most patient', async () => {
    const { clock, service, ask } = await openBusy();
    const scopes = [100, 5000, 300].map((deadlineMs) => requestScope(clock, { deadlineMs }));
    const [hasty, patient, leaving] = scopes.map((scope, index) => ask(`a${index}`, scope));
    await clock.advance(1);
    const [call] = service.scopes;
    expect(call?.deadline.remainingMs()).toBe(4999);
    await clock.advance(99);
    expect(await hasty).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    scopes[2]?.end();
    expect(await leaving).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(call?.deadline.signal.aborted).toBe(false);
    scopes[1]?.end();
    expect(await patient).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(call?.deadline.signal.aborted).toBe(true);
  });

  it('fails for all who wait for it, and the next asks anew', async () => {
    const { clock, service, ask } = await openBusy();
    const asked = [ask('a'), ask('b'), ask('a')];
    await clock.advance(1);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    service.answer();
    for (const results of await Promise.all(asked)) {
      expect(results).toMatchObject([{ code: 'DOWNSTREAM_UNAVAILABLE' }]);
    }
    service.failure = undefined;
    expect(ids(await ask(['a', 'b']))).toEqual(['a', 'b']);
  });

  it('is not made for those who have all gone meanwhile', async () => {
    const { clock, service, cache, ask } = await openBusy();
    const scopes = [requestScope(clock), requestScope(clock)];
    const asked = scopes.map((scope, index) => ask(`a${index}`, scope));
    for (const scope of scopes) scope.end();
    for (const results of await Promise.all(asked)) expect(results).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    await clock.advance(1);
    expect(service.calls).toEqual([]);
    // Only the one that keeps the service busy.
    expect(cache.use.callsUnderWay).toBe(1);
  });

  it.each(['a', 'b'])('answers who comes after the others have gone (%s)', async (id) => {
    const { clock, service, ask } = await openBusy();
    const gone = requestScope(clock);
    const left = ask('a', gone);
    gone.end();
    expect(await left).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    const asked = ask(id);
    await clock.advance(1);
    service.answer();
    expect(ids(await asked)).toEqual([id]);
  });

  it('is not joined once all who waited for it have gone, however soon', async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      const { clock, service, ask } = await openBusy();
      const gone = requestScope(clock);
      const left = ask('a', gone);
      await clock.advance(1);
      gone.end();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const asked = ask('a');
      await clock.advance(1);
      service.answer();
      expect(ids(await asked)).toEqual(['a']);
      await left;
    }
  });

  it.each<[string, (scope: TestScope) => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('a bug'))],
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
    ['answers nonsense', () => Promise.resolve(undefined as never)],
  ])('leaves its service idle when its fetch %s', async (_case, fetch) => {
    const { clock, service, cache, ask, busy } = await openBusy();
    const broken = thingRead(service, { name: 'shop.broken', fetch: fetch as never });
    const asked = cache.many(broken, ['a'], requestScope(clock));
    await clock.advance(1);
    expect((await asked)[0]).toBeInstanceOf(AppError);
    service.answer();
    await busy;
    await clock.advance(0);
    service.hold();
    const next = ask('a');
    await clock.advance(0);
    expect(service.calls).toEqual([['a']]);
    service.answer();
    await next;
  });

  it('leaves no timer and no call behind', async () => {
    const { clock, service, cache, ask, busy } = await openBusy({ maxBatch: 4 });
    const scope = requestScope(clock);
    const asked = Array.from({ length: 30 }, (_, index) => ask(`a${index}`, scope));
    await clock.advance(0.3);
    service.answer();
    await Promise.all([busy, ...asked]);
    await clock.advance(0);
    expect(cache.use.callsUnderWay).toBe(0);
    // The deadlines of the two requests are left.
    expect(clock.pendingTimers).toBe(2);
  });
});

describe('a drop while keys wait for company, or for their answer', () => {
  it('keeps nobody from what is so after it', async () => {
    const { clock, service, cache, ask } = await openBusy();
    const before = ask('a');
    await clock.advance(0.5);
    service.revision = 2;
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    const after = ask('a');
    await clock.advance(0.5);
    service.answer('asAsked');
    expect(only(await after).value.revision).toBe(2);
    expect(only(await before).value.revision).toBe(2);
  });

  it('is seen by who asks after the call has gone out', async () => {
    const { clock, service, cache, ask } = await openBusy();
    const before = [ask('a'), ask('b')];
    await clock.advance(1);
    service.revision = 2;
    await cache.drop({ viewerId: null, tags: ['thing:a'] });
    const after = ask(['a', 'b']);
    expect(await isWaiting(after)).toBe(true);
    await clock.advance(1);
    expect(service.calls).toEqual([['a', 'b'], ['a']]);
    service.answer('asAsked');
    expect((await after).map((result) => only([result]).value.revision)).toEqual([2, 1]);
    await Promise.all(before);
    expect((await ask(['a', 'b'])).map((result) => only([result]).value.revision)).toEqual([2, 1]);
    expect(service.calls).toHaveLength(2);
  });
});
