import type { Clock } from '../clock.ts';

/** Twice as long after each: what a write changes late is shown as it was no longer than the write took. The last comes a minute after it. */
const delaysMs = [500, 500, 1000, 2000, 4000, 8000, 16_000, 32_000];
const maxPending = 10_000;

export interface RepeatedDrops<T> {
  /** Drops these targets again and again from now on, for a minute. */
  add(targets: T): void;
  close(): void;
}

/**
 * Drops what a write may change whose end nobody sees: its caller has left, or it was not answered in time, and it runs on in its service.
 * Who reads in between would keep what was, for as long as that read is fresh. Of more than 10,000 at a time the first are forgotten.
 */
export function createRepeatedDrops<T>(clock: Clock, drop: (targets: T) => unknown): RepeatedDrops<T> {
  const pending = new Set<() => void>();

  function schedule(targets: T, round: number): void {
    const delayMs = delaysMs[round];
    if (delayMs === undefined) return;
    const [oldest] = pending;
    if (oldest !== undefined && pending.size >= maxPending) end(oldest);
    const cancel = clock.schedule(delayMs, () => {
      pending.delete(cancel);
      drop(targets);
      schedule(targets, round + 1);
    });
    pending.add(cancel);
  }

  function end(cancel: () => void): void {
    pending.delete(cancel);
    cancel();
  }

  return {
    add: (targets) => schedule(targets, 0),
    close: () => pending.forEach(end),
  };
}
