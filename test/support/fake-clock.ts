import type { Clock } from '../../shared/clock.ts';

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /**
   * Moves time forward by `ms`, running every timer at its own instant in order, and lets the promises that each one
   * settles run before the next; returns once everything that was set off has run.
   */
  advance(ms: number): Promise<void>;
  /** As `advance`, without waiting for promises: for state machines that have none. */
  advanceSync(ms: number): void;
  /** Moves time without running a timer, as a blocked event loop does; what is due runs late, at the next `advance`. */
  stall(ms: number): void;
  /** Moves the wall clock only, as an operator or NTP does. */
  jumpWall(ms: number): void;
  /** Timers that are set and have not run. */
  readonly pendingTimers: number;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Starts at monotonic 0 and, unless told otherwise, at 2026-01-01 on the wall. */
export function createFakeClock(startWallMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Timer>();
  let nowMs = 0;
  let wallOffsetMs = startWallMs;
  let order = 0;

  function nextDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) next = timer;
    }
    return next;
  }

  function runNext(untilMs: number): boolean {
    const timer = nextDue(untilMs);
    if (!timer) return false;
    timers.delete(timer);
    nowMs = Math.max(nowMs, timer.dueMs);
    timer.action();
    return true;
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => wallOffsetMs + nowMs,
    schedule(delayMs, action) {
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settlePromises();
      while (runNext(untilMs)) await settlePromises();
      nowMs = Math.max(nowMs, untilMs);
      await settlePromises();
    },
    advanceSync(ms) {
      const untilMs = nowMs + ms;
      while (runNext(untilMs));
      nowMs = Math.max(nowMs, untilMs);
    },
    stall(ms) {
      nowMs += ms;
    },
    jumpWall(ms) {
      wallOffsetMs += ms;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}

/** An immediate runs only when the microtask queue is empty, however long the chain of promises was. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
