import { describe, expect, test } from 'vitest';
import { ListeningTimer } from '../../../shared/downstream/listening-timer.ts';
import { createStallMeter } from '../../../shared/downstream/stall-meter.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  return { clock, stallMeter: createStallMeter(clock) };
}

describe('the stall meter', () => {
  test('measures a stall while something is under way', () => {
    const { clock, stallMeter } = setUp();
    stallMeter.enter(clock.nowMs());
    clock.advanceSync(1050);
    clock.stall(2000);
    expect(stallMeter.stalledMs(clock.nowMs())).toBe(1950);
    clock.advanceSync(1000);
    expect(stallMeter.stalledMs(clock.nowMs())).toBe(1950);
  });

  test('sees none with an infinite tolerance, and a timer beside it runs out at once', () => {
    const clock = createFakeClock();
    const stallMeter = createStallMeter(clock, { toleranceMs: Infinity });
    let isOver = false;
    const timer = new ListeningTimer({ clock, stallMeter }, 1000, () => (isOver = true));
    clock.stall(2000);
    clock.advanceSync(0);
    expect(isOver).toBe(true);
    expect(stallMeter.stalledMs(clock.nowMs())).toBe(0);
    timer.stop();
  });

  test('takes a busy turn of the loop for what it is', () => {
    const { clock, stallMeter } = setUp();
    stallMeter.enter(clock.nowMs());
    for (let i = 0; i < 50; i++) {
      clock.advanceSync(100);
      clock.stall(90);
    }
    expect(stallMeter.stalledMs(clock.nowMs())).toBe(0);
  });

  test('does not tick while nothing is under way', () => {
    const { clock, stallMeter } = setUp();
    stallMeter.enter(clock.nowMs());
    expect(clock.pendingTimers).toBe(1);
    stallMeter.leave();
    clock.advanceSync(1000);
    expect(clock.pendingTimers).toBe(0);
    clock.stall(5000);
    expect(stallMeter.enter(clock.nowMs())).toBe(0);
  });
});

describe('a listening timer', () => {
  function start(timeoutMs: number) {
    const set = setUp();
    const seen = { timedOutAtMs: -1 };
    const timer = new ListeningTimer(set, timeoutMs, () => {
      seen.timedOutAtMs = set.clock.nowMs();
    });
    return { ...set, timer, seen };
  }

  test('runs out after its time', () => {
    const { clock, seen } = start(1000);
    clock.advanceSync(999);
    expect(seen.timedOutAtMs).toBe(-1);
    clock.advanceSync(1);
    expect(seen.timedOutAtMs).toBe(1000);
  });

  test.each([30, 500, 950])('that was %i ms old when the loop stalled gives the stall back', (ageMs) => {
    const { clock, timer, seen } = start(1000);
    clock.advanceSync(ageMs);
    clock.stall(2000);
    clock.advanceSync(1);
    expect(seen.timedOutAtMs).toBe(-1);
    expect(timer.listenedMs()).toBeLessThan(ageMs + 110);
    clock.advanceSync(1000);
    expect(seen.timedOutAtMs).toBeGreaterThan(0);
  });

  test('without end does not fire at once', () => {
    const { clock, seen } = start(Infinity);
    clock.advanceSync(100_000);
    expect(seen.timedOutAtMs).toBe(-1);
  });

  test('that was stopped does not run out', () => {
    const { clock, timer, seen } = start(1000);
    timer.stop();
    clock.advanceSync(10_000);
    expect([seen.timedOutAtMs, clock.pendingTimers]).toEqual([-1, 0]);
  });
});
