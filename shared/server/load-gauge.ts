import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';

export interface LoadGaugeOptions {
  readonly clock: Clock;
  /** Every request is turned away while the event loop runs this late; default 500. */
  readonly maxEventLoopDelayMs?: number;
  /** A growing share is turned away above this; default 0.98. */
  readonly maxUtilisation?: number;
  /** Every request is turned away above this share of V8's limit; default 0.85. */
  readonly maxHeapRatio?: number;
  /** A process that has just started compiles what it runs, which is no load to be shed: the first look waits this long; default 0. */
  readonly startAfterMs?: number;
  /** Where the figures come from; the running process by default. */
  readonly readLoad?: () => Load;
  readonly onChange?: (isShedding: boolean, load: Load & { readonly eventLoopDelayMs: number }) => void;
}

export interface Load {
  /** The event loop's busy share since the last reading, 0 to 1. */
  readonly utilisation: number;
  /** Of V8's heap limit, 0 to 1. */
  readonly heapRatio: number;
}

/** Says when this process has more to do than it can. */
export interface LoadGauge {
  /** @throws AppError - `OVERLOADED` with `retryAfterSeconds`, for the share of requests that is too much. */
  admit(): void;
  /** The share that is turned away now, 0 to 1. */
  readonly sheddingRatio: number;
  stop(): void;
}

const intervalMs = 250;
/** A busy process that turned all away would idle in the next interval and be flooded in the one after: the share is found in steps. */
const stepUpPercent = 10;
const stepDownPercent = 5;
const maxPercent = 90;
/** A second of nothing but work: a shorter burst is answered faster than it could be refused. */
const busyLooks = 4;

/** Looks at the process four times a second. @fastify/under-pressure is all or nothing for a second at a time. */
export function createLoadGauge(options: LoadGaugeOptions): LoadGauge {
  const { clock } = options;
  const maxDelayMs = options.maxEventLoopDelayMs ?? 500;
  const maxUtilisation = options.maxUtilisation ?? 0.98;
  const maxHeapRatio = options.maxHeapRatio ?? 0.85;
  const readLoad = options.readLoad ?? createLoadReader();
  let percent = 0;
  let isFull = false;
  let owed = 0;
  let busy = 0;
  const firstLookMs = (options.startAfterMs ?? 0) + intervalMs;
  let expectedMs = clock.nowMs() + firstLookMs;
  let cancel = clock.schedule(firstLookMs, look);

  function look(): void {
    // The timer's own lateness is the delay that every request in the queue has had.
    const eventLoopDelayMs = clock.nowMs() - expectedMs;
    const load = readLoad();
    const before = sheddingPercent();
    busy = load.utilisation > maxUtilisation ? busy + 1 : 0;
    // The share that was found outlasts a look that turns all away: forgotten, the next flood would come at once.
    percent =
      busy >= busyLooks ? Math.min(maxPercent, percent + stepUpPercent) : Math.max(0, percent - stepDownPercent);
    isFull = eventLoopDelayMs >= maxDelayMs || load.heapRatio >= maxHeapRatio;
    const now = sheddingPercent();
    if (before > 0 !== now > 0) options.onChange?.(now > 0, { ...load, eventLoopDelayMs });
    expectedMs = clock.nowMs() + intervalMs;
    cancel = clock.schedule(intervalMs, look);
  }

  function sheddingPercent(): number {
    return isFull ? 100 : percent;
  }

  return {
    admit() {
      const share = sheddingPercent();
      if (share === 0) return;
      owed += share;
      if (owed < 100) return;
      owed -= 100;
      throw new AppError('OVERLOADED', 'The server has more to do than it can: try again in a moment.', {
        retryAfterSeconds: 1 + Math.floor(Math.random() * 3),
      });
    },
    get sheddingRatio() {
      return sheddingPercent() / 100;
    },
    stop: () => cancel(),
  };
}

function createLoadReader(): () => Load {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    const heap = getHeapStatistics();
    return { utilisation: utilization, heapRatio: heap.used_heap_size / heap.heap_size_limit };
  };
}
