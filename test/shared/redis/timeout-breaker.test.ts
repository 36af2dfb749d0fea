import { describe, expect, it } from 'vitest';
import { createTimeoutBreaker } from '../../../shared/redis/timeout-breaker.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const opened: number[] = [];
  const breaker = createTimeoutBreaker(clock, () => opened.push(clock.nowMs()));
  const timeOut = (tookMs = 100): void => breaker.recordTimeout(100, tookMs);
  return { clock, opened, breaker, timeOut };
}

describe('the breaker of Redis', () => {
  it('opens at the third timeout within a second, and says so once', () => {
    const { clock, opened, breaker, timeOut } = setUp();
    for (let i = 0; i < 3; i += 1) {
      expect(breaker.isOpen).toBe(false);
      timeOut();
      clock.advanceSync(300);
    }
    expect(breaker.isOpen).toBe(true);
    timeOut();
    timeOut();
    expect(opened).toEqual([600]);
  });

  it('stays closed while they are further apart', () => {
    const { clock, breaker, timeOut } = setUp();
    for (let i = 0; i < 100; i += 1) {
      timeOut();
      clock.advanceSync(500);
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('does not count what our own event loop held up (F77)', () => {
    const { breaker, timeOut } = setUp();
    for (let i = 0; i < 100; i += 1) timeOut(2000);
    expect(breaker.isOpen).toBe(false);
  });

  it('counts anew after it was closed', () => {
    const { breaker, timeOut } = setUp();
    for (let i = 0; i < 3; i += 1) timeOut();
    breaker.close();
    for (let i = 0; i < 2; i += 1) timeOut();
    expect(breaker.isOpen).toBe(false);
    timeOut();
    expect(breaker.isOpen).toBe(true);
  });

  it('rests before it closes again where commands time out although a PING is answered: longer each time, to a bound', () => {
    const { clock, breaker, timeOut } = setUp();
    const rests: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      for (let i = 0; i < 3; i += 1) timeOut();
      const openedAtMs = clock.nowMs();
      while (breaker.isResting) clock.advanceSync(100);
      rests.push(clock.nowMs() - openedAtMs);
      breaker.close();
      clock.advanceSync(9000);
    }
    expect(rests).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    clock.advanceSync(1000);
    for (let i = 0; i < 3; i += 1) timeOut();
    expect([breaker.isOpen, breaker.isResting]).toEqual([true, false]);
  });

  it('does not rest where not even a PING was answered that was behind nothing else: all of it hung', () => {
    const { clock, breaker, timeOut } = setUp();
    for (const [silentForMs, rests] of [
      [499, true],
      [500, false],
    ] as const) {
      breaker.close();
      for (let i = 0; i < 3; i += 1) timeOut();
      breaker.close();
      for (let i = 0; i < 3; i += 1) timeOut();
      clock.advanceSync(silentForMs);
      breaker.recordSilence(clock.nowMs());
      expect(breaker.isResting).toBe(rests);
    }
  });

  it('forgets nothing and keeps nothing for ever when the wall clock jumps (F76)', () => {
    const { clock, breaker, timeOut } = setUp();
    timeOut();
    timeOut();
    clock.jumpWall(-3_600_000);
    clock.advanceSync(1000);
    timeOut();
    expect(breaker.isOpen).toBe(false);
  });
});
