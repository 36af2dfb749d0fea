import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Entry, nextEntryId } from '../../../shared/cache/entry.ts';
import type { KeyCall } from '../../../shared/cache/key-call.ts';
import { createPatience } from '../../../shared/cache/patience.ts';
import { createReadThrough } from '../../../shared/cache/read-through.ts';
import type { SharedLevel } from '../../../shared/cache/shared-level.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, evenly, failure, isWaiting, only, requestScope, thingRead } from './cache-kit.ts';

/** A level that other processes share: not there, until it holds something of whatever it is asked for. */
function slowLevel(clock: FakeClock) {
  let afterMs: number | undefined;
  let ageMs = 130_000;
  const level: SharedLevel = {
    get isAvailable() {
      return afterMs !== undefined;
    },
    isHearing: true,
    viewersTrustedSinceMs: Number.NEGATIVE_INFINITY,
    find: ({ calls }) =>
      new Promise((resolve) => {
        clock.schedule(afterMs ?? 0, () =>
          resolve({
            found: new Map(calls.map((call) => [call, entryOf(clock, call, ageMs)])),
            refreshedElsewhere: new Set(),
          }),
        );
      }),
    store: () => undefined,
    drop: async () => undefined,
    removeByPrefix: async () => 0,
    close: () => undefined,
  };
  return {
    level,
    holdsAt(ms: number, thingsAgeMs = 130_000) {
      afterMs = ms;
      ageMs = thingsAgeMs;
    },
  };
}

function entryOf(clock: FakeClock, { key, generations }: KeyCall, ageMs: number): Entry {
  const thing = { id: key.includes('elsewhere') ? 'elsewhere' : key, revision: 1, owner: null };
  return {
    id: nextEntryId(),
    records: { thing },
    fetchedAtMs: clock.nowMs() - ageMs,
    fetchedAtWallMs: clock.wallMs() - ageMs,
    jitter: 1,
    generations,
    bytes: 100,
    freshRecords: undefined,
  };
}

/** A cache whose kept things have been kept for long enough to be asked for again. */
async function setUp(ids: readonly string[] = ['a']) {
  const clock = createFakeClock();
  const service = createFakeService();
  const breaker = { isOpen: false };
  const shared = slowLevel(clock);
  const cache = createReadThrough({
    clock,
    detach: detached,
    random: evenly,
    isAsked: () => !breaker.isOpen,
    shared: () => shared.level,
  });
  const read = thingRead(service);
  await cache.many(read, ids, requestScope(clock));
  await clock.advance(130_000);
  service.hold();

  const ask = async (id = 'a') => only(await cache.many(read, [id], requestScope(clock)));
  /** Asks at the same time, and lets the wait run to its end. */
  async function waitInVain(times: number): Promise<void> {
    const asked = Array.from({ length: times }, () => ask());
    await clock.advance(500);
    await Promise.all(asked);
  }
  return { clock, service, breaker, read, cache, ask, waitInVain, shared };
}

describe('a read that could be served otherwise', () => {
  it('does not wait once five have waited in vain, and has its service asked all the same', async () => {
    const { clock, service, ask, waitInVain } = await setUp();
    await waitInVain(4);
    const fifth = ask();
    await clock.advance(499);
    expect(await isWaiting(fifth)).toBe(true);
    await clock.advance(1);
    expect(await fifth).toMatchObject({ origin: 'kept', failure: { code: 'DOWNSTREAM_TIMEOUT' } });
    const sixth = ask();
    await clock.advance(0);
    expect(await sixth).toMatchObject({ origin: 'kept', ageSeconds: 131 });
    expect(service.calls).toEqual([['a'], ['a']]);
    service.revision = 2;
    service.answer();
    await clock.advance(0);
    expect(await ask()).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
  });

  it.each([
    ['an answer', undefined],
    ['a failure that the service tells', 'DOWNSTREAM_UNAVAILABLE'],
    ['a breaker that opens', 'CIRCUIT_OPEN'],
  ] as const)('waits again after %s', async (_what, code) => {
    const { clock, service, ask, waitInVain } = await setUp();
    await waitInVain(5);
    service.failure = code && failure(code);
    service.answer();
    await clock.advance(0);
    service.failure = undefined;
    await clock.advance(130_000);
    service.hold();
    const next = ask();
    await clock.advance(499);
    expect(await isWaiting(next)).toBe(true);
    await clock.advance(1);
    expect(await next).toMatchObject({ origin: 'kept' });
  });

  it.each(['DOWNSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED', 'OVERLOADED'] as const)(
    'does not for a call that ends with %s: nothing was heard',
    async (code) => {
      const { clock, service, ask, waitInVain } = await setUp();
      await waitInVain(5);
      service.failure = failure(code);
      service.answer();
      await clock.advance(0);
      service.failure = undefined;
      service.hold();
      const next = ask();
      await clock.advance(0);
      expect(await next).toMatchObject({ origin: 'kept' });
    },
  );

  it('waits again ten seconds after the last that waited in vain', async () => {
    const { clock, ask, waitInVain } = await setUp();
    await waitInVain(5);
    await clock.advance(10_000);
    const next = ask();
    await clock.advance(499);
    expect(await isWaiting(next)).toBe(true);
  });

  it('does not wait for a call from before its breaker opened', async () => {
    const { clock, breaker, ask } = await setUp();
    const first = ask();
    await clock.advance(100);
    breaker.isOpen = true;
    const second = ask();
    await clock.advance(0);
    expect(await second).toMatchObject({ origin: 'kept' });
    expect(await isWaiting(first)).toBe(true);
  });
});

describe('while nobody asks its service', () => {
  /** A breaker that opened after the last answer; another process may have had a later one. */
  async function setUpOpen() {
    const all = await setUp();
    all.service.answer();
    all.service.failure = failure('CIRCUIT_OPEN');
    all.breaker.isOpen = true;
    return all;
  }

  it('a read is served what another process has brought', async () => {
    const { clock, ask, shared } = await setUpOpen();
    shared.holdsAt(60, 1000);
    const next = ask();
    await clock.advance(60);
    expect(await next).toMatchObject({ origin: 'fresh' });
  });

  it('a read that would have gone out with others says so, too', async () => {
    const { clock, breaker, cache, read, ask } = await setUp();
    const underWay = ask('b');
    await clock.advance(0);
    breaker.isOpen = true;
    const keptIn = { ...read, fetch: () => Promise.reject(failure('CIRCUIT_OPEN')) };
    const next = cache.many(keptIn, ['a'], requestScope(clock));
    await clock.advance(1);
    expect(only(await next)).toMatchObject({ origin: 'kept', failure: { code: 'CIRCUIT_OPEN' } });
    expect(await isWaiting(underWay)).toBe(true);
  });

  it('a read says so, and not that it was not answered in time', async () => {
    const { clock, ask, shared } = await setUpOpen();
    shared.holdsAt(60);
    const next = ask();
    await clock.advance(60);
    expect(await next).toMatchObject({ origin: 'kept', failure: { code: 'CIRCUIT_OPEN' } });
  });
});

it('waits for a look-up of what memory does not hold, and no longer', async () => {
  const { clock, service, ask, waitInVain, shared } = await setUp();
  await waitInVain(5);
  shared.holdsAt(60);
  const next = ask('elsewhere');
  await clock.advance(99);
  expect(await isWaiting(next)).toBe(true);
  await clock.advance(1);
  expect(await next).toMatchObject({ origin: 'kept', value: { id: 'elsewhere' } });
  expect(service.calls).toHaveLength(3);
});

it('waits for what nothing stands in for, however many have waited in vain', async () => {
  const { clock, service, ask, waitInVain } = await setUp();
  await waitInVain(5);
  const next = ask('new');
  await clock.advance(7000);
  expect(await isWaiting(next)).toBe(true);
  service.answer();
  await clock.advance(0);
  expect(await next).toMatchObject({ origin: 'fetched' });
});

test('patience is out where the last five waits were in vain, none more than ten seconds after the one before, with no answer since', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 12_000 }),
    what: fc.constantFrom('vain' as const, 'vain' as const, 'vain' as const, 'answer' as const),
    read: fc.constantFrom('a', 'b'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const times: Record<string, number[]> = { a: [], b: [] };
      let nowMs = 0;
      const patience = createPatience({ nowMs: () => nowMs } as never);
      for (const { afterMs, what, read } of events) {
        nowMs += afterMs;
        const before = times[read] ?? [];
        const last = before.at(-1) ?? Number.NEGATIVE_INFINITY;
        if (what === 'answer') {
          patience.onAnswer(read);
          times[read] = [];
        } else {
          patience.onVainWait(read);
          times[read] = nowMs - last < 10_000 ? [...before, nowMs] : [nowMs];
        }
        for (const name of ['a', 'b']) {
          const row = times[name] ?? [];
          const isOver = row.length >= 5 && nowMs - (row.at(-1) ?? 0) < 10_000;
          expect(patience.isLeft(name)).toBe(!isOver);
        }
      }
    }),
  );
});
