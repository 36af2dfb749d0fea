import type { Clock } from '../clock.ts';
import { growingLru } from '../memory.ts';

/** Hands out blocks of a caller's points to the replicas: the one place that counts them all. */
export interface PointLease {
  /**
   * Takes up to `points` of what `key` has left in its running window of `windowMs`, which begins with its first lease.
   * Rejects where the store cannot be asked.
   */
  take(key: string, points: number, options: LeaseOptions): Promise<Grant>;
}

export interface Grant {
  readonly granted: number;
  /** What the window still has after this. */
  readonly left: number;
  readonly resetMs: number;
}

export interface LeaseOptions {
  /** All that one window has. */
  readonly limit: number;
  readonly windowMs: number;
}

export interface PointBudgetOptions {
  readonly clock: Clock;
  readonly windowMs: number;
  /** Shared by all replicas; without it this process counts alone. */
  readonly lease?: PointLease | undefined;
  /** The most callers that are remembered; the least recently seen is forgotten; default 100,000. */
  readonly maxKeys?: number;
  readonly onLeaseFailure?: (error: unknown) => void;
}

export interface Balance {
  /** Zero or less: nothing more in this window. */
  readonly spendable: number;
  /** What the caller is told: of the whole limit, as far as this process knows. */
  readonly left: number;
  readonly resetMs: number;
}

/** The points that callers have left in their running window; charging is done after the work and may overdraw. */
export interface PointBudgets {
  balance(key: string, limit: number): Balance;
  charge(key: string, limit: number, points: number): void;
}

interface Account {
  endsAtMs: number;
  used: number;
  leased: number;
  /** What the store had left after the last lease. */
  leftInStore: number;
  isAsking: boolean;
  /** Every replica together has used this window up. */
  isExhausted: boolean;
  /** The store could not be asked, so this process counts the whole limit alone until the window ends. */
  isAlone: boolean;
}

/** After a failure the store is left alone this long: a request never waits for it, but asking still costs. */
const leaseRetryMs = 1000;

/**
 * Counts points by key. A lease of 2 % of the limit is asked for in the background, before the last one is used up. While the
 * answer is out, what the store had left last is believed in: a burst that one turn of the event loop serves must not be refused
 * for the time that Redis takes. So each replica may overshoot by what it serves in one round trip, and no request waits.
 */
export function createPointBudgets(options: PointBudgetOptions): PointBudgets {
  const { clock, windowMs, lease } = options;
  const accounts = growingLru<Account>(options.maxKeys ?? 100_000);
  let askAgainAtMs = Number.NEGATIVE_INFINITY;

  function account(key: string, limit: number): Account {
    const nowMs = clock.nowMs();
    let found = accounts.get(key);
    if (found === undefined || found.endsAtMs <= nowMs) {
      found = {
        endsAtMs: nowMs + windowMs,
        used: 0,
        leased: 0,
        leftInStore: limit,
        isAsking: false,
        isExhausted: false,
        isAlone: lease === undefined,
      };
      accounts.set(key, found);
      replenish(found, key, limit);
    }
    return found;
  }

  function replenish(entry: Account, key: string, limit: number): void {
    if (lease === undefined || entry.isAsking || entry.isExhausted || entry.isAlone) return;
    const block = blockOf(limit);
    const missing = entry.used - entry.leased + block;
    if (missing <= block / 2) return;
    if (clock.nowMs() < askAgainAtMs) {
      entry.isAlone = true;
      return;
    }
    entry.isAsking = true;
    lease.take(key, Math.ceil(missing), { limit, windowMs }).then(
      ({ granted, left, resetMs }) => {
        entry.isAsking = false;
        entry.leased += granted;
        entry.leftInStore = left;
        entry.isExhausted = granted < Math.ceil(missing);
        entry.endsAtMs = clock.nowMs() + Math.min(resetMs, windowMs);
        replenish(entry, key, limit);
      },
      (error: unknown) => {
        entry.isAsking = false;
        entry.isAlone = true;
        askAgainAtMs = clock.nowMs() + leaseRetryMs;
        options.onLeaseFailure?.(error);
      },
    );
  }

  return {
    balance(key, limit) {
      const entry = account(key, limit);
      const resetMs = Math.max(0, entry.endsAtMs - clock.nowMs());
      const whole = limit - entry.used;
      if (entry.isAlone) return { spendable: whole, left: whole, resetMs };
      const own = entry.leased - entry.used;
      const left = own + entry.leftInStore;
      return { spendable: entry.isAsking ? left : own, left, resetMs };
    },
    charge(key, limit, points) {
      const entry = account(key, limit);
      entry.used += points;
      replenish(entry, key, limit);
    },
  };
}

function blockOf(limit: number): number {
  return Math.max(1, Math.ceil(limit / 50));
}
