import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PointLease } from '../../../shared/security/point-budget.ts';
import { createRateLimiter, type RateCaller, type RateLimitOptions } from '../../../shared/security/rate-limit.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const viewer: RateCaller = { viewerId: 'user-1', installId: null, address: '203.0.113.7' };
const stranger: RateCaller = { viewerId: null, installId: null, address: '203.0.113.7' };

function setUp(options: Partial<RateLimitOptions> = {}) {
  const clock = createFakeClock();
  return {
    clock,
    limiter: createRateLimiter({ clock, viewerPointsPerMinute: 100, addressPointsPerMinute: 50, ...options }),
  };
}

/** The counters that all replicas share, as Redis keeps them. */
function createSharedStore(
  clock: FakeClock,
): PointLease & { isDown: boolean; delayMs: number; readonly taken: Map<string, number>; calls: number } {
  const windows = new Map<string, { used: number; endsAtMs: number }>();
  const store = {
    isDown: false,
    delayMs: 0,
    calls: 0,
    taken: new Map<string, number>(),
    async take(key: string, points: number, { limit, windowMs }: { limit: number; windowMs: number }) {
      store.calls += 1;
      if (store.delayMs > 0) await new Promise<void>((resolve) => clock.schedule(store.delayMs, resolve));
      if (store.isDown) throw new Error('connection refused');
      let window = windows.get(key);
      if (window === undefined || window.endsAtMs <= clock.nowMs()) {
        window = { used: 0, endsAtMs: clock.nowMs() + windowMs };
        windows.set(key, window);
      }
      const granted = Math.max(0, Math.min(points, limit - window.used));
      window.used += granted;
      store.taken.set(key, window.used);
      return { granted, left: limit - window.used, resetMs: window.endsAtMs - clock.nowMs() };
    },
  };
  return store;
}

/** How many requests of one point each pass, one after another, until the first refusal. */
async function countAllowed(
  limiters: readonly ReturnType<typeof createRateLimiter>[],
  caller: RateCaller,
  clock: FakeClock,
): Promise<number> {
  for (let count = 0; ; count += 1) {
    const limiter = limiters[count % limiters.length];
    if (limiter === undefined || !limiter.check(caller).isAllowed) return count;
    limiter.charge(caller, 1);
    await clock.advance(1);
    if (count > 10_000) return count;
  }
}

describe('one process', () => {
  it('lets a caller spend its points and then waits for the next minute', async () => {
    const { clock, limiter } = setUp();
    expect(await countAllowed([limiter], viewer, clock)).toBe(100);
    expect(limiter.check(viewer)).toEqual({
      isAllowed: false,
      counts: 'points',
      limit: 100,
      remaining: 0,
      resetSeconds: 60,
    });
    await clock.advance(60_000);
    expect(limiter.check(viewer)).toMatchObject({ isAllowed: true, remaining: 100 });
  });

  it('charges afterwards: the last request may overdraw, the next is refused', () => {
    const { limiter } = setUp();
    limiter.charge(viewer, 99);
    expect(limiter.check(viewer)).toMatchObject({ isAllowed: true, remaining: 1 });
    expect(limiter.charge(viewer, 70)).toMatchObject({ isAllowed: false, remaining: 0 });
  });

  it('counts a viewer by id, from whatever address', () => {
    const { limiter } = setUp();
    limiter.charge(viewer, 100);
    expect(limiter.check({ ...viewer, address: '198.51.100.1' }).isAllowed).toBe(false);
    expect(limiter.check({ ...viewer, viewerId: 'user-2' }).isAllowed).toBe(true);
    expect(limiter.check(stranger).isAllowed).toBe(true);
  });

  it('counts an IPv6 stranger by /64', () => {
    const { limiter } = setUp();
    limiter.charge({ ...stranger, address: '2001:db8:1:2::1' }, 50);
    expect(limiter.check({ ...stranger, address: '2001:db8:1:2:ffff::9' }).isAllowed).toBe(false);
    expect(limiter.check({ ...stranger, address: '2001:db8:1:3::1' }).isAllowed).toBe(true);
  });

  it('counts made-up install ids for their address', () => {
    const { limiter } = setUp();
    for (let index = 0; index < 50; index += 1) limiter.charge({ ...stranger, installId: `install-${index}` }, 1);
    expect(limiter.check({ ...stranger, installId: 'install-new' }).isAllowed).toBe(false);
  });

  it('counts an install wherever its phone roams', () => {
    const { limiter } = setUp();
    limiter.charge({ ...stranger, installId: 'install-1' }, 50);
    expect(limiter.check({ ...stranger, installId: 'install-1', address: '198.51.100.1' }).isAllowed).toBe(false);
    expect(limiter.check({ ...stranger, installId: 'install-2', address: '198.51.100.1' }).isAllowed).toBe(true);
  });

  it("gives a carrier's range more, and each install in it its own share", () => {
    const { limiter } = setUp({ carrierRanges: ['203.0.113.0/24'], carrierPointsPerMinute: 1000 });
    limiter.charge({ ...stranger, installId: 'install-1' }, 50);
    expect(limiter.check({ ...stranger, installId: 'install-1' }).isAllowed).toBe(false);
    expect(limiter.check({ ...stranger, installId: 'install-2' })).toMatchObject({ isAllowed: true, remaining: 50 });
    limiter.charge({ ...stranger, installId: 'install-2' }, 950);
    expect(limiter.check({ ...stranger, installId: 'install-3' }).isAllowed).toBe(false);
  });

  it('counts a sensitive field by calls, not by requests', () => {
    const { limiter } = setUp();
    const tries = Array.from({ length: 30 }, () => limiter.tryField(stranger, 'Mutation.signIn'));
    expect(tries.filter(({ isAllowed }) => isAllowed)).toHaveLength(5);
    expect(tries[29]).toEqual({ isAllowed: false, counts: 'calls', limit: 5, remaining: 0, resetSeconds: 60 });
    expect(limiter.tryField(stranger, 'Mutation.other')).toMatchObject({ isAllowed: true, remaining: 4 });
    expect(limiter.check(stranger).isAllowed).toBe(true);
  });

  it('stops checking tokens of an address whose tokens are all forged', () => {
    const { limiter } = setUp();
    for (let index = 0; index < 600; index += 1) limiter.chargeFailure('203.0.113.7');
    expect(limiter.mayVerify('203.0.113.7')).toMatchObject({ isAllowed: false, counts: 'tokens', limit: 600 });
    expect(limiter.mayVerify('203.0.113.8').isAllowed).toBe(true);
  });

  it('lets one forger lock out a whole carrier no sooner than its range would be', () => {
    const { limiter } = setUp({ carrierRanges: ['203.0.113.0/24'], carrierPointsPerMinute: 500 });
    for (let index = 0; index < 600; index += 1) limiter.chargeFailure('203.0.113.7');
    expect(limiter.mayVerify('203.0.113.7')).toMatchObject({ isAllowed: true, limit: 6000 });
  });

  it('keeps its minute when the wall clock jumps', async () => {
    const { clock, limiter } = setUp();
    limiter.charge(viewer, 100);
    clock.jumpWall(3_600_000);
    expect(limiter.check(viewer).isAllowed).toBe(false);
    clock.jumpWall(-7_200_000);
    await clock.advance(60_000);
    expect(limiter.check(viewer).isAllowed).toBe(true);
  });
});

describe('replicas that share their points', () => {
  it.each([1, 3])('let a caller spend them once, up to a block each: %i', async (replicas) => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    const limiters = Array.from({ length: replicas }, () =>
      createRateLimiter({ clock, lease, viewerPointsPerMinute: 1000 }),
    );
    const allowed = await countAllowed(limiters, viewer, clock);
    expect(allowed).toBeGreaterThanOrEqual(1000 - replicas * 20);
    expect(allowed).toBeLessThanOrEqual(1000 + replicas * 20);
    expect(lease.taken.get('viewer:user-1')).toBe(1000);
  });

  it('never wait for the store: while it is asked, what it had left last is believed in', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    lease.delayMs = 50;
    const limiter = createRateLimiter({ clock, lease, viewerPointsPerMinute: 100 });
    const serve = (times: number): number => {
      let served = 0;
      for (let index = 0; index < times; index += 1) {
        if (!limiter.check(viewer).isAllowed) continue;
        limiter.charge(viewer, 1);
        served += 1;
      }
      return served;
    };
    expect(serve(60)).toBe(60);
    await clock.advance(200);
    expect(serve(60)).toBe(40);
    await clock.advance(200);
    expect(serve(1)).toBe(0);
  });

  it('let a caller have all tries of a sensitive field at once, and no more in any replica', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    lease.delayMs = 3;
    const [one, other] = [createRateLimiter({ clock, lease }), createRateLimiter({ clock, lease })];
    const tryOften = (limiter: typeof one) =>
      Array.from({ length: 8 }, () => limiter.tryField(viewer, 'Mutation.signIn').isAllowed).filter(Boolean).length;
    expect(tryOften(one)).toBe(5);
    await clock.advance(10);
    expect(tryOften(one)).toBe(0);
    other.tryField(viewer, 'Mutation.signIn');
    await clock.advance(10);
    expect(tryOften(other)).toBe(0);
  });

  it('tell a caller what all of them have left, not what this one has leased', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    const [one, other] = [1, 2].map(() => createRateLimiter({ clock, lease, viewerPointsPerMinute: 1000 }));
    expect(one?.check(viewer).remaining).toBe(1000);
    one?.charge(viewer, 300);
    await clock.advance(0);
    expect(one?.check(viewer).remaining).toBe(700);
    other?.check(viewer);
    await clock.advance(0);
    // But for what the first has leased ahead: a block.
    expect(other?.check(viewer).remaining).toBe(700 - 20);
    other?.charge(viewer, 5000);
    await clock.advance(0);
    expect(other?.check(viewer)).toMatchObject({ isAllowed: false, remaining: 0 });
  });

  it('ask the store for blocks, not for requests', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    const limiter = createRateLimiter({ clock, lease, viewerPointsPerMinute: 60_000 });
    for (let index = 0; index < 1000; index += 1) {
      limiter.charge(viewer, 5);
      await clock.advance(1);
    }
    expect(lease.calls).toBeLessThanOrEqual(10);
  });

  it('count alone while the store is gone, and do not ask it for every request', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    lease.isDown = true;
    const failures: unknown[] = [];
    const limiter = createRateLimiter({
      clock,
      lease,
      viewerPointsPerMinute: 100,
      onLeaseFailure: (error) => failures.push(error),
    });
    expect(await countAllowed([limiter], viewer, clock)).toBe(100);
    expect(lease.calls).toBe(1);
    expect(failures).toHaveLength(1);
    await clock.advance(60_000);
    lease.isDown = false;
    limiter.check(viewer);
    await clock.advance(0);
    expect(lease.taken.get('viewer:user-1')).toBeGreaterThan(0);
  });

  it('do not ask a store that is gone for every caller', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    lease.isDown = true;
    const limiter = createRateLimiter({ clock, lease });
    for (let index = 0; index < 100; index += 1) {
      limiter.check({ ...viewer, viewerId: `user-${index}` });
      await clock.advance(9);
    }
    expect(lease.calls).toBe(1);
    await clock.advance(1000);
    limiter.check({ ...viewer, viewerId: 'user-new' });
    expect(lease.calls).toBe(2);
  });

  it('remember a debt into the store', async () => {
    const clock = createFakeClock();
    const lease = createSharedStore(clock);
    const one = createRateLimiter({ clock, lease, viewerPointsPerMinute: 1000 });
    const other = createRateLimiter({ clock, lease, viewerPointsPerMinute: 1000 });
    one.charge(viewer, 5000);
    await clock.advance(0);
    await clock.advance(0);
    other.check(viewer);
    await clock.advance(0);
    expect(other.check(viewer).isAllowed).toBe(false);
  });

  it('never overshoot by more than a block each where requests take longer than the store does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            replica: fc.nat(2),
            waitMs: fc.integer({ min: 21, max: 30 }),
            points: fc.integer({ min: 1, max: 3 }),
          }),
          {
            minLength: 100,
            maxLength: 200,
          },
        ),
        fc.nat(10),
        async (requests, delayMs) => {
          const clock = createFakeClock();
          const lease = createSharedStore(clock);
          lease.delayMs = delayMs;
          const limiters = Array.from({ length: 3 }, () =>
            createRateLimiter({ clock, lease, viewerPointsPerMinute: 100 }),
          );
          let spent = 0;
          for (const { replica, waitMs, points } of requests) {
            const limiter = limiters[replica];
            if (limiter?.check(viewer).isAllowed) {
              limiter.charge(viewer, points);
              spent += points;
            }
            await clock.advance(waitMs);
          }
          // A block is 2 points, and the request that empties a purse may cost 3.
          expect(spent).toBeLessThanOrEqual(100 + 3 * (2 + 3));
        },
      ),
      { numRuns: 20 },
    );
  });
});
