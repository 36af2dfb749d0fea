import type { Clock } from '../clock.ts';

export interface TimeoutBreakerOptions {
  /** 3 within 1000 ms: one slow fork of Redis must not open it, and a Redis that hangs must not cost more than a few requests. */
  readonly timeouts: number;
  readonly withinMs: number;
  /** A timer that runs this late was held up by our own event loop, and says nothing about Redis. */
  readonly stallMs: number;
  /**
   * 10000: one that opens again within this was closed by a PING while other commands go unanswered: it rests before it closes
   * again, 1000 ms, each time twice as long, at most 30000 ms.
   */
  readonly steadyMs: number;
  readonly firstRestMs: number;
  readonly maxRestMs: number;
  /** 500: so long after it opened, a PING is behind no slow command any more. */
  readonly drainMs: number;
}

export const timeoutBreakerDefaults: TimeoutBreakerOptions = {
  timeouts: 3,
  withinMs: 1000,
  stallMs: 50,
  steadyMs: 10_000,
  firstRestMs: 1000,
  maxRestMs: 30_000,
  drainMs: 500,
};

/** Counts what Redis left unanswered, and opens when that is too much; closing is the prober's business. */
export interface TimeoutBreaker {
  readonly isOpen: boolean;
  /** A PING alone does not close it yet. */
  readonly isResting: boolean;
  /** An operation ended without an answer that had been given `limitMs` and took `tookMs`. */
  recordTimeout(limitMs: number, tookMs: number): void;
  /** A PING that was sent then has not been answered: if nothing else was, Redis hangs, and the next PING will tell when it is well. */
  recordSilence(askedAtMs: number): void;
  close(): void;
}

/** `onOpen` runs at each change from closed to open. */
export function createTimeoutBreaker(
  clock: Clock,
  onOpen: () => void,
  overrides: Partial<TimeoutBreakerOptions> = {},
): TimeoutBreaker {
  const options = { ...timeoutBreakerDefaults, ...overrides };
  let isOpen = false;
  let recentMs: number[] = [];
  let closedAtMs = Number.NEGATIVE_INFINITY;
  let openedAtMs = Number.NEGATIVE_INFINITY;
  let restMs = 0;
  let restsUntilMs = Number.NEGATIVE_INFINITY;

  function open(nowMs: number): void {
    isOpen = true;
    recentMs = [];
    openedAtMs = nowMs;
    const wasSteady = nowMs - closedAtMs >= options.steadyMs;
    restMs = wasSteady ? 0 : Math.min(Math.max(options.firstRestMs, restMs * 2), options.maxRestMs);
    restsUntilMs = nowMs + restMs;
    onOpen();
  }

  return {
    get isOpen() {
      return isOpen;
    },
    get isResting() {
      return clock.nowMs() < restsUntilMs;
    },
    recordTimeout(limitMs, tookMs) {
      if (isOpen || tookMs - limitMs > options.stallMs) return;
      const nowMs = clock.nowMs();
      recentMs = [...recentMs.filter((atMs) => nowMs - atMs < options.withinMs), nowMs];
      if (recentMs.length >= options.timeouts) open(nowMs);
    },
    recordSilence(askedAtMs) {
      if (!isOpen || askedAtMs - openedAtMs < options.drainMs) return;
      restMs = 0;
      restsUntilMs = Number.NEGATIVE_INFINITY;
    },
    close() {
      if (isOpen) closedAtMs = clock.nowMs();
      isOpen = false;
      recentMs = [];
    },
  };
}
