import { type Clock, systemClock } from '../../shared/clock.ts';

/** The system's clock, and how far ahead of it this one is: what is kept grows old at once. */
export interface ClockAhead extends Clock {
  aheadMs: number;
}

export function createClockAhead(): ClockAhead {
  const clock: ClockAhead = {
    ...systemClock,
    aheadMs: 0,
    nowMs: () => systemClock.nowMs() + clock.aheadMs,
    wallMs: () => systemClock.wallMs() + clock.aheadMs,
  };
  return clock;
}
