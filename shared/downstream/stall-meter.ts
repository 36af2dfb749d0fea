import type { Clock } from '../clock.ts';

/** How long this process's own event loop did not run while something was under way; it can blame no service for that time. */
export interface StallMeter {
  /** A timer that is later than this was held up by our own loop. */
  readonly toleranceMs: number;
  /** Something starts to be waited for; returns `stalledMs(nowMs)`. */
  enter(nowMs: number): number;
  leave(): void;
  /** All stalls so far, in milliseconds; only differences mean anything. */
  stalledMs(nowMs: number): number;
}

/** Often enough that a stall is seen by the first timer that runs after it; ten wake-ups a second cost nothing beside the calls they watch. */
const tickMs = 100;

export interface StallMeterOptions {
  /**
   * 100: a tick that is later than this was held up by more than a busy turn of the loop or a garbage collection. `Infinity`: no
   * stall is ever seen.
   */
  readonly toleranceMs: number;
}

export const stallMeterDefaults: StallMeterOptions = { toleranceMs: 100 };

/** Measures stalls by how late a tick of its own is. It ticks only while something is under way. */
export function createStallMeter(clock: Clock, { toleranceMs }: StallMeterOptions = stallMeterDefaults): StallMeter {
  let waiting = 0;
  let isTicking = false;
  let tickDueMs = 0;
  let totalMs = 0;

  function settle(nowMs: number): void {
    const lateMs = nowMs - tickDueMs;
    if (lateMs > toleranceMs) {
      totalMs += lateMs;
      tickDueMs += lateMs;
    }
  }

  function tick(): void {
    const nowMs = clock.nowMs();
    settle(nowMs);
    if (waiting === 0) isTicking = false;
    else scheduleTick(nowMs);
  }

  function scheduleTick(nowMs: number): void {
    isTicking = true;
    tickDueMs = nowMs + tickMs;
    clock.schedule(tickMs, tick);
  }

  return {
    toleranceMs,
    enter(nowMs) {
      if (isTicking) settle(nowMs);
      else scheduleTick(nowMs);
      waiting++;
      return totalMs;
    },
    leave() {
      waiting--;
    },
    stalledMs(nowMs) {
      // The tick that would tell may be due after the timer that asks.
      if (isTicking) settle(nowMs);
      return totalMs;
    },
  };
}
