import { describe, expect, it } from 'vitest';
import type { ReadScope } from '../../../shared/cache/cached-read.ts';
import { AppError, errorCodes } from '../../../shared/errors.ts';
import { failure, isWaiting, only, openCache, requestScope, type Thing } from './cache-kit.ts';

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

  it.each(errorCodes.filter((code) => code !== 'NOT_FOUND').map((code) => [code, fallsBack.includes(code)] as const))(
    'after %s, what is kept: %s',
    async (code, isKept) => {
      const { clock, service, ask } = openCache();
      await ask();
      service.failure = failure(code);
      await clock.advance(300_000);
      const [result] = await ask();
      expect(result instanceof AppError ? result.code : 'kept').toBe(isKept ? 'kept' : code);
    },
  );

  it('is nothing after a 404 or 410, not even once the service fails: what is gone does not come back', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.failure = failure('NOT_FOUND');
    await clock.advance(300_000);
    expect(await ask()).toEqual([null]);
    await clock.advance(4999);
    expect(await ask()).toEqual([null]);
    expect(service.calls).toHaveLength(2);
    service.failure = failure('DOWNSTREAM_UNAVAILABLE');
    await clock.advance(1);
    expect(await ask()).toEqual([service.failure]);
  });

  it('is the declared default where nothing is kept (F89)', async () => {
    const byDefault: Thing = { id: 'none', revision: 0, owner: null };
    const { service, ask } = openCache({ defaultValue: byDefault });
    service.failure = failure('CIRCUIT_OPEN');
    expect(only(await ask())).toMatchObject({ origin: 'default', value: byDefault, failure: { code: 'CIRCUIT_OPEN' } });
  });

  it('is what is kept rather than the default', async () => {
    const { clock, service, ask } = openCache({ defaultValue: { id: 'none', revision: 0, owner: null } });
    await ask();
    service.failure = failure('CIRCUIT_OPEN');
    await clock.advance(300_000);
    expect(only(await ask())).toMatchObject({ origin: 'kept', value: { revision: 1 } });
  });

  it('is nothing where a bug of ours failed, which is told in no words of its own', async () => {
    const { clock, cache, read } = openCache();
    const broken = { ...read, fetch: () => Promise.reject(new TypeError('x.y is not a function at 10.0.0.7')) };
    const [result] = await cache.many(broken, ['a'], requestScope(clock));
    expect(result).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: expect.not.stringContaining('10.0.0.7') as string,
    });
  });

  it('never rejects, even where the fetch throws before it returns a promise', async () => {
    const { clock, cache, read } = openCache();
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
    const { clock, cache, read } = openCache();
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

describe('the wait where something else can be served', () => {
  it('is 500 ms, then the kept value is served while the call goes on', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.revision = 2;
    service.hold();
    await clock.advance(300_000);
    const asked = ask();
    await clock.advance(499);
    expect(await isWaiting(asked)).toBe(true);
    await clock.advance(1);
    const kept = only(await asked);
    expect(kept).toMatchObject({ origin: 'kept', failure: { code: 'DOWNSTREAM_TIMEOUT' }, value: { revision: 1 } });
    service.answer();
    expect(await kept.refresh?.()).toMatchObject({ value: { revision: 2 } });
    expect(only(await ask())).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
  });

  it('is 40 % of what is left of the deadline where that is less', async () => {
    const { clock, service, ask } = openCache({ defaultValue: { id: 'none', revision: 0, owner: null } });
    service.hold();
    const asked = ask('a', requestScope(clock, { deadlineMs: 1000 }));
    await clock.advance(399);
    expect(await isWaiting(asked)).toBe(true);
    await clock.advance(1);
    expect(only(await asked)).toMatchObject({ origin: 'default' });
  });

  it('is the whole deadline where nothing else can be served', async () => {
    const { clock, service, ask } = openCache();
    service.hold();
    const asked = ask('a', requestScope(clock, { deadlineMs: 1000 }));
    await clock.advance(999);
    expect(await isWaiting(asked)).toBe(true);
    await clock.advance(1);
    expect(await asked).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
  });

  it('for a newer value than was kept ends with the request’s deadline', async () => {
    const { clock, service, ask } = openCache();
    await ask();
    service.hold();
    await clock.advance(300_000);
    const asked = ask('a', requestScope(clock, { deadlineMs: 3000 }));
    await clock.advance(500);
    const refreshed = only(await asked)
      .refresh?.()
      .catch((refusal: unknown) => refusal);
    await clock.advance(2499);
    expect(await isWaiting(refreshed ?? Promise.resolve())).toBe(true);
    await clock.advance(1);
    expect(await refreshed).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('does not end the call with the request that was served', async () => {
    const { clock, service, ask } = openCache();
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
