import { describe, expect, it } from 'vitest';
import type { FlightDeadline } from '../../../shared/cache/flight.ts';
import { only, openCache, requestScope } from './cache-kit.ts';

describe('calls that several wait for', () => {
  it('are one, for a thousand callers of a key (F62)', async () => {
    const { service, ask } = openCache();
    service.hold();
    const asked = Array.from({ length: 1000 }, () => ask());
    service.answer();
    const results = await Promise.all(asked);
    expect(service.calls).toEqual([['a']]);
    expect(new Set(results.map((result) => only(result).value.revision))).toEqual(new Set([1]));
  });

  it('ask only for the keys that nobody has asked for yet', async () => {
    const { clock, service, cache, read } = openCache();
    service.hold();
    const first = cache.many(read, ['a', 'b'], requestScope(clock));
    const second = cache.many(read, ['b', 'c', 'c'], requestScope(clock));
    service.answer();
    expect((await second).map((result) => only([result ?? null]).value.id)).toEqual(['b', 'c', 'c']);
    await first;
    expect(service.calls).toEqual([['a', 'b'], ['c']]);
  });

  it('take at most maxBatch keys each', async () => {
    const { clock, service, cache, read } = openCache({ maxBatch: 2 });
    await cache.many(read, ['a', 'b', 'c', 'd', 'e'], requestScope(clock));
    expect(service.calls).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('take what is due for a refresh along with what is missing, and serve it at once all the same', async () => {
    const { clock, service, cache, read } = openCache();
    await cache.many(read, ['a'], requestScope(clock));
    service.revision = 2;
    await clock.advance(70_000);
    const results = await cache.many(read, ['a', 'b'], requestScope(clock));
    expect(results.map((result) => only([result ?? null]))).toMatchObject([
      { origin: 'revalidating', value: { id: 'a', revision: 1 } },
      { origin: 'fetched', value: { id: 'b', revision: 2 } },
    ]);
    expect(service.calls.slice(1).map((keys) => keys.toSorted())).toEqual([['a', 'b']]);
    expect((await cache.many(read, ['a'], requestScope(clock))).map((result) => only([result ?? null]))).toMatchObject([
      { origin: 'fresh', value: { revision: 2 } },
    ]);
  });

  it('leave what is due for a refresh to a call of its own where one call cannot take both', async () => {
    const { clock, service, cache, read } = openCache({ maxBatch: 2 });
    await cache.many(read, ['a', 'b'], requestScope(clock));
    await clock.advance(70_000);
    await cache.many(read, ['a', 'b', 'c'], requestScope(clock));
    expect(service.calls.slice(1)).toEqual([['a', 'b'], ['c']]);
  });

  it('are cancelled when the last who waits has gone, and not before (F82)', async () => {
    const { clock, service, ask } = openCache();
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
    const { clock, service, ask } = openCache();
    service.hold();
    const hasty = ask('a', requestScope(clock, { deadlineMs: 100 }));
    const patient = ask('a', requestScope(clock, { deadlineMs: 5000 }));
    await clock.advance(100);
    expect(await hasty).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(service.scopes[0]?.deadline.remainingMs()).toBe(4900);
    service.answer();
    expect(only(await patient)).toMatchObject({ origin: 'fetched' });
  });

  it('are a section’s until anything else waits too', async () => {
    const { clock, service, ask } = openCache();
    service.hold();
    const inSection = (leftMs: number) => ({ ...requestScope(clock), sectionLeftMs: () => leftMs });
    const asked = [ask('a', inSection(800))];
    const deadline = service.scopes[0]?.deadline as FlightDeadline | undefined;
    const left = [deadline?.sectionLeftMs()];
    await clock.advance(100);
    left.push(deadline?.sectionLeftMs());
    asked.push(ask('a', inSection(2500)));
    left.push(deadline?.sectionLeftMs());
    asked.push(ask('a'));
    left.push(deadline?.sectionLeftMs());
    service.answer();
    await Promise.all(asked);
    expect(left).toEqual([800, 700, 2500, Infinity]);
  });

  it('are nobody’s section where they only refresh', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    await clock.advance(70_000);
    await ask('a', { ...requestScope(clock), sectionLeftMs: () => 800 });
    expect((service.scopes[1]?.deadline as FlightDeadline | undefined)?.sectionLeftMs()).toBe(Infinity);
  });

  it('are begun for nobody who has gone already', async () => {
    const { clock, service, ask } = openCache();
    const scope = requestScope(clock);
    scope.end();
    expect(await ask('a', scope)).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(service.calls).toEqual([]);
  });

  it('leave no timer, no call and no warning behind', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const { clock, service, cache, read } = openCache();
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
    const { clock, service, cache, ask } = openCache();
    service.hold();
    const asked = ask('a', requestScope(clock, { deadlineMs: 1000 }));
    await clock.advance(1000);
    expect(await asked).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    expect(cache.use.callsUnderWay).toBe(0);
  });
});
