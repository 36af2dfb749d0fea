import type { Clock } from '../clock.ts';

export interface TimeoutBreakerOptions {
  /** 3 within 1000 ms: one slow fork of Redis must not open it, and a Redis that hangs must not cost more than a few requests. */
  readonly timeouts: number;
  readonly withinMs: number;
  /** A timer that runs this late was held up by our own event loop, and says nothing about Redis. */
  readonly stallMs: number;
}

export const timeoutBreakerDefaults: TimeoutBreakerOptions = { timeouts: 3, withinMs: 1000, stallMs: 50 };

/** Counts what Redis left unanswered, and opens when that is too much; closing is the prober's business. */
export interface TimeoutBreaker {
  readonly isOpen: boolean;
  /** An operation ended without an answer that had been given `limitMs` and took `tookMs`. */
  recordTimeout(limitMs: number, tookMs: number): void;
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
  return {
    get isOpen() {
      return isOpen;
    },
    recordTimeout(limitMs, tookMs) {
      if (isOpen || tookMs - limitMs > options.stallMs) return;
      const nowMs = clock.nowMs();
      recentMs = [...recentMs.filter((atMs) => nowMs - atMs < options.withinMs), nowMs];
      if (recentMs.length < options.timeouts) return;
      isOpen = true;
      recentMs = [];
      onOpen();
    },
    close() {
      isOpen = false;
      recentMs = [];
    },
  };
}
