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
  const id = nextEntryId();
  return {
    id,
    contentId: id,
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
async function setUp() {
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
  await cache.many(read, ['a'], requestScope(clock));
  await clock.advance(130_000);
  service.hold();

  const ask = async (id = 'a', deadlineMs = 8000) =>
    only(await cache.many(read, [id], requestScope(clock, { deadlineMs })));
  /** Asks so often, one after the other, each time three at once. */
  async function waitInVain(times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      const asked = [ask(), ask(), ask()];
      await clock.advance(500);
      await Promise.all(asked);
    }
  }
  /** Whether the next one waits as long as a read with something kept does. */
  async function isPatient(): Promise<boolean> {
    const next = ask();
    await clock.advance(499);
    const isStillWaiting = await isWaiting(next);
    await clock.advance(1);
    expect(await next).toMatchObject({ origin: 'kept', failure: { code: 'DOWNSTREAM_TIMEOUT' } });
    return isStillWaiting;
  }
  return { clock, service, breaker, read, cache, ask, waitInVain, isPatient, shared };
}

describe('a read that could be served otherwise', () => {
  it('does not wait once two waits, one after the other, were in vain, and has its service asked all the same', async () => {
    const { clock, service, ask, waitInVain, isPatient } = await setUp();
    await waitInVain(1);
    expect(await isPatient()).toBe(true);
    const next = ask();
    await clock.advance(0);
    expect(await next).toMatchObject({
      origin: 'kept',
      ageSeconds: 131,
      failure: { code: 'DOWNSTREAM_TIMEOUT' },
    });
    expect(service.calls).toEqual([['a'], ['a']]);
    service.revision = 2;
    service.answer();
    await clock.advance(0);
    expect(await ask()).toMatchObject({ origin: 'fresh', value: { revision: 2 } });
  });

  it.each([600, 900])(
    'waits for a service that takes %i ms, however many have waited at the same time',
    async (tookMs) => {
      const { clock, service, ask } = await setUp();
      const first = Array.from({ length: 20 }, () => ask());
      await clock.advance(501);
      for (const one of first) expect(await one).toMatchObject({ origin: 'kept' });
      const second = Array.from({ length: 20 }, () => ask());
      await clock.advance(tookMs - 501);
      service.answer();
      for (const one of second) expect(await one).toMatchObject({ origin: 'fetched' });
    },
  );

  it('waits where something was heard while others waited in vain', async () => {
    const { clock, service, read, cache, ask, isPatient } = await setUp();
    // One instance hangs, the others do not.
    const other = { ...read, fetch: createFakeService().fetch };
    for (const id of ['b', 'c', 'd']) {
      const stuck = ask();
      await clock.advance(400);
      const heard = cache.many(other, [id], requestScope(clock));
      await clock.advance(100);
      expect(only(await heard)).toMatchObject({ origin: 'fetched' });
      expect(await stuck).toMatchObject({ origin: 'kept' });
    }
    expect(await isPatient()).toBe(true);
    expect(service.calls).toHaveLength(2);
  });

  it('is not held against a service where the deadline cut it short', async () => {
    const { clock, ask, isPatient } = await setUp();
    for (let i = 0; i < 6; i += 1) {
      const hurried = ask('a', 200);
      await clock.advance(80);
      expect(await hurried).toMatchObject({ origin: 'kept' });
    }
    expect(await isPatient()).toBe(true);
  });

  it.each([
    ['an answer', undefined],
    ['a failure that the service tells', 'DOWNSTREAM_UNAVAILABLE'],
    ['a breaker that opens', 'CIRCUIT_OPEN'],
  ] as const)('waits again after %s', async (_what, code) => {
    const { clock, service, waitInVain, isPatient } = await setUp();
    await waitInVain(2);
    service.failure = code && failure(code);
    service.answer();
    await clock.advance(0);
    service.failure = undefined;
    await clock.advance(130_000);
    service.hold();
    expect(await isPatient()).toBe(true);
  });

  it.each(['DOWNSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED', 'OVERLOADED'] as const)(
    'does not for a call that ends with %s: nothing was heard',
    async (code) => {
      const { clock, service, waitInVain, isPatient } = await setUp();
      await waitInVain(2);
      service.failure = failure(code);
      service.answer();
      await clock.advance(0);
      service.failure = undefined;
      service.hold();
      expect(await isPatient()).toBe(false);
    },
  );

  it('waits again ten seconds after the last sign of silence, and where that is in vain too, not again', async () => {
    const { clock, waitInVain, isPatient } = await setUp();
    await waitInVain(2);
    // By then their call has ended as well, some ten seconds after it began.
    await clock.advance(10_000);
    expect(await isPatient()).toBe(false);
    await clock.advance(20_000);
    expect([await isPatient(), await isPatient()]).toEqual([true, false]);
  });

  it.each([
    ['the client goes away', undefined, true],
    ['it was given no more', 1100, false],
  ])('learns nothing of a service from a call whose time is over because %s', async (_why, deadlineMs, leaves) => {
    const { clock, service, read, cache, ask } = await setUp();
    const scope = requestScope(clock, deadlineMs === undefined ? {} : { deadlineMs });
    const heavy = cache.many(read, ['new'], scope);
    await clock.advance(1100);
    if (leaves) scope.end();
    await clock.advance(0);
    expect(await heavy).toMatchObject([{ code: 'DEADLINE_EXCEEDED' }]);
    const next = ask();
    await clock.advance(40);
    service.answer();
    await clock.advance(0);
    expect(await next).toMatchObject({ origin: 'fetched' });
  });

  it.each([
    ['nobody is heard', false],
    ['another call is answered', true],
  ])('knows by a refresh whether its service hangs: meanwhile %s', async (_what, isHeard) => {
    const { clock, service, read, cache, ask, isPatient } = await setUp();
    service.answer();
    await ask();
    await clock.advance(110_000);
    service.hold();
    expect(await ask()).toMatchObject({ origin: 'revalidating' });
    await clock.advance(5000);
    const other = { ...read, fetch: createFakeService().fetch };
    const heard = isHeard && cache.many(other, ['b'], requestScope(clock));
    await clock.advance(6000);
    await heard;
    expect(await isPatient()).toBe(isHeard);
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

  it('does not wait for such a call either where it asks for another key, too, that ends at the breaker', async () => {
    const { clock, breaker, cache, read, ask } = await setUp();
    const first = ask();
    await clock.advance(100);
    breaker.isOpen = true;
    const keptIn = { ...read, fetch: () => Promise.reject(failure('CIRCUIT_OPEN')) };
    const next = cache.many(keptIn, ['a', 'b'], requestScope(clock));
    await clock.advance(1);
    expect(await isWaiting(next)).toBe(false);
    expect(await next).toMatchObject([
      { thing: { origin: 'kept', refresh: expect.any(Function) } },
      { code: 'CIRCUIT_OPEN' },
    ]);
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
  await waitInVain(2);
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
  await waitInVain(2);
  const next = ask('new');
  await clock.advance(7000);
  expect(await isWaiting(next)).toBe(true);
  service.answer();
  await clock.advance(0);
  expect(await next).toMatchObject({ origin: 'fetched' });
});

test('patience is out for ten seconds after two waits in vain, none begun before the other’s end or an answer, or a silent call of a second', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 6000 }),
    waitedMs: fc.constantFrom(0, 500, 1000, 20_000),
    what: fc.constantFrom('vain' as const, 'vain' as const, 'vain' as const, 'silent call' as const, 'answer' as const),
    read: fc.constantFrom('a', 'b'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const counted: Record<string, number[]> = { a: [], b: [] };
      const heardAtMs: Record<string, number> = {};
      let nowMs = 0;
      const patience = createPatience({ nowMs: () => nowMs } as never);
      for (const { afterMs, waitedMs, what, read } of events) {
        nowMs += afterMs;
        const row = counted[read] ?? [];
        if (what === 'answer') {
          patience.onAnswer(read);
          counted[read] = [];
          heardAtMs[read] = nowMs;
        } else if (what === 'silent call') {
          const beganAtMs = nowMs - waitedMs;
          patience.onSilentCall(read, beganAtMs);
          const isTelling = waitedMs >= 1000 && beganAtMs >= (heardAtMs[read] ?? -Infinity);
          if (isTelling) counted[read] = [...row, nowMs, nowMs];
        } else {
          const beganAtMs = nowMs - waitedMs;
          patience.onVainWait(read, beganAtMs);
          if (beganAtMs >= Math.max(row.at(-1) ?? -Infinity, heardAtMs[read] ?? -Infinity))
            counted[read] = [...row, nowMs];
        }
        for (const name of ['a', 'b']) {
          const ends = counted[name] ?? [];
          expect(patience.isLeft(name)).toBe(ends.length < 2 || nowMs - (ends.at(-1) ?? 0) >= 10_000);
        }
      }
    }),
  );
});
