import { describe, expect, it } from 'vitest';
import { allowanceLeftMs, createCacheWait } from '../../../shared/cache/cache-wait.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('a request’s wait for Redis', () => {
  it('is charged what it took', async () => {
    const clock = createFakeClock();
    const allowance = { leftMs: 100 };
    const wait = createCacheWait(clock, 100);
    wait.charge(allowance);
    await clock.advance(30);
    wait.end();
    expect(allowance.leftMs).toBe(70);
    expect(clock.pendingTimers).toBe(0);
  });

  it('counts waits at the same time once', async () => {
    const clock = createFakeClock();
    const allowance = { leftMs: 100 };
    const waits = [createCacheWait(clock, 100), createCacheWait(clock, 100), createCacheWait(clock, 100)];
    for (const wait of waits) wait.charge(allowance);
    await clock.advance(40);
    expect(allowanceLeftMs(allowance, clock.nowMs())).toBe(60);
    for (const wait of waits) wait.end();
    expect(allowance.leftMs).toBe(60);
  });

  it('never exceeds 100 ms in all, however many look-ups there are', async () => {
    const clock = createFakeClock();
    const allowance = { leftMs: 100 };
    let waitedMs = 0;
    for (let i = 0; i < 20; i += 1) {
      const startedMs = clock.nowMs();
      const wait = createCacheWait(clock, 100);
      wait.charge(allowance);
      let endedMs: number | undefined;
      void wait.over.then(() => {
        endedMs = clock.nowMs();
      });
      await clock.advance(15);
      wait.end();
      await clock.advance(0);
      waitedMs += (endedMs ?? Number.NaN) - startedMs;
    }
    expect(waitedMs).toBe(100);
    expect(allowance.leftMs).toBe(0);
  });

  it('is over for everybody when the one who has least left has nothing', async () => {
    const clock = createFakeClock();
    const [rich, poor] = [{ leftMs: 100 }, { leftMs: 10 }];
    const wait = createCacheWait(clock, 100);
    wait.charge(rich);
    wait.charge(poor);
    let isOver = false;
    void wait.over.then(() => {
      isOver = true;
    });
    await clock.advance(9);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(isOver).toBe(true);
    expect([rich.leftMs, poor.leftMs]).toEqual([90, 0]);
  });
});
