import type { Clock } from '../clock.ts';

/** What one GraphQL request may still wait for Redis, all its reads together; waits at the same time count once. */
export interface CacheAllowance {
  leftMs: number;
}

interface Ongoing {
  waits: number;
  sinceMs: number;
}

const ongoingByAllowance = new WeakMap<CacheAllowance, Ongoing>();

/** Milliseconds that this request may still wait, the waits under way counted. */
export function allowanceLeftMs(allowance: CacheAllowance, nowMs: number): number {
  const ongoing = ongoingByAllowance.get(allowance);
  return Math.max(0, allowance.leftMs - (ongoing === undefined ? 0 : nowMs - ongoing.sinceMs));
}

function beginWait(allowance: CacheAllowance, nowMs: number): void {
  const ongoing = ongoingByAllowance.get(allowance);
  if (ongoing === undefined) ongoingByAllowance.set(allowance, { waits: 1, sinceMs: nowMs });
  else ongoing.waits += 1;
}

function endWait(allowance: CacheAllowance, nowMs: number): void {
  const ongoing = ongoingByAllowance.get(allowance);
  if (ongoing === undefined) return;
  ongoing.waits -= 1;
  if (ongoing.waits > 0) return;
  ongoingByAllowance.delete(allowance);
  allowance.leftMs = Math.max(0, allowance.leftMs - (nowMs - ongoing.sinceMs));
}

/** One look-up's wait for Redis: charged to every request that waits for it, and over when one of them has nothing left. */
export interface CacheWait {
  charge(allowance: CacheAllowance): void;
  /** Resolves when the wait is over. */
  readonly over: Promise<void>;
  end(): void;
}

/** A wait of at most `limitMs`, begun now. */
export function createCacheWait(clock: Clock, limitMs: number): CacheWait {
  const charged: CacheAllowance[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  let endsAtMs = clock.nowMs() + limitMs;
  let hasEnded = false;
  let cancelTimer = clock.schedule(limitMs, end);

  function end(): void {
    if (hasEnded) return;
    hasEnded = true;
    cancelTimer();
    for (const allowance of charged) endWait(allowance, clock.nowMs());
    resolve();
  }

  return {
    over,
    end,
    charge(allowance) {
      if (hasEnded) return;
      const nowMs = clock.nowMs();
      const leftMs = allowanceLeftMs(allowance, nowMs);
      beginWait(allowance, nowMs);
      charged.push(allowance);
      if (leftMs <= 0) return end();
      if (nowMs + leftMs >= endsAtMs) return;
      endsAtMs = nowMs + leftMs;
      cancelTimer();
      cancelTimer = clock.schedule(leftMs, end);
    },
  };
}
