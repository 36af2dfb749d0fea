import type { Clock } from '../clock.ts';
import { createAddressList, networkOf } from './address.ts';
import { createPointBudgets, type PointLease } from './point-budget.ts';

export interface RateLimitOptions {
  readonly clock: Clock;
  /** Points a minute for a signed-in viewer; default 60,000. */
  readonly viewerPointsPerMinute?: number;
  /** Points a minute for an install id, and for an address or IPv6 network; default 12,000. */
  readonly addressPointsPerMinute?: number;
  /** How much of an IPv6 address is one caller; default 64 bits. */
  readonly ipv6PrefixBits?: number;
  /** Addresses behind which a carrier hides thousands of phones; default none. */
  readonly carrierRanges?: readonly string[];
  /** Points a minute for an address in them; default 600,000. */
  readonly carrierPointsPerMinute?: number;
  /** Calls a minute of one sensitive field by one caller; default 5. */
  readonly sensitiveFieldsPerMinute?: number;
  readonly lease?: PointLease | undefined;
  readonly onLeaseFailure?: (error: unknown) => void;
}

/** Whom a request is counted for. */
export interface RateCaller {
  readonly viewerId: string | null;
  readonly installId: string | null;
  readonly address: string;
}

export interface RateDecision {
  readonly isAllowed: boolean;
  /** What is limited: points of requests, calls of a sensitive field, or tokens that failed their check. */
  readonly counts: 'points' | 'calls' | 'tokens';
  readonly limit: number;
  /** Never negative. */
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** How much callers may ask for: a request needs a positive balance and is charged when its cost is known. */
export interface RateLimiter {
  check(caller: RateCaller): RateDecision;
  charge(caller: RateCaller, points: number): RateDecision;
  /** Counts one call of a sensitive field, unless this caller has had its share: 30 aliased logins in one request are 30 tries. */
  tryField(caller: RateCaller, field: string): RateDecision;
  /** Whether this address may have one more unknown token checked: forging costs us 116 us a try. */
  mayVerify(address: string): RateDecision;
  /** Counts a token that failed its check. */
  chargeFailure(address: string): void;
}

const minuteMs = 60_000;
const failuresPerMinute = 600;

interface Purse {
  readonly key: string;
  readonly limit: number;
}

/** Counts points by viewer; else by address and, where one is sent, by install id as well: an id costs nothing to make up. */
export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const viewerPoints = options.viewerPointsPerMinute ?? 60_000;
  const addressPoints = options.addressPointsPerMinute ?? 12_000;
  const carrierPoints = options.carrierPointsPerMinute ?? 600_000;
  const prefixBits = options.ipv6PrefixBits ?? 64;
  const fieldLimit = options.sensitiveFieldsPerMinute ?? 5;
  const carriers = createAddressList(options.carrierRanges ?? []);
  const budgets = createPointBudgets({
    clock: options.clock,
    windowMs: minuteMs,
    lease: options.lease,
    ...(options.onLeaseFailure === undefined ? {} : { onLeaseFailure: options.onLeaseFailure }),
  });

  function pursesOf(caller: RateCaller): readonly Purse[] {
    if (caller.viewerId !== null) return [{ key: `viewer:${caller.viewerId}`, limit: viewerPoints }];
    const address = {
      key: `address:${networkOf(caller.address, prefixBits)}`,
      limit: carriers.has(caller.address) ? carrierPoints : addressPoints,
    };
    if (caller.installId === null) return [address];
    return [{ key: `install:${caller.installId}`, limit: addressPoints }, address];
  }

  /** Behind a carrier's address one forger must not lock out thousands: it has more in the same proportion as its points. */
  function tokensOf(address: string): Purse {
    const share = carriers.has(address) ? Math.max(1, carrierPoints / addressPoints) : 1;
    return { key: `token:${networkOf(address, prefixBits)}`, limit: Math.ceil(failuresPerMinute * share) };
  }

  /** The purse with the least left speaks for all. */
  function decide(purses: readonly Purse[], counts: RateDecision['counts'] = 'points'): RateDecision {
    let scarcest: RateDecision | null = null;
    for (const { key, limit } of purses) {
      const { spendable, left, resetMs } = budgets.balance(key, limit);
      const isAllowed = spendable > 0;
      const remaining = isAllowed ? Math.max(1, Math.floor(left)) : 0;
      if (scarcest !== null && scarcest.remaining <= remaining) continue;
      scarcest = { isAllowed, counts, limit, remaining, resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)) };
    }
    return scarcest ?? { isAllowed: false, counts, limit: 0, remaining: 0, resetSeconds: 60 };
  }

  return {
    check: (caller) => decide(pursesOf(caller)),
    charge(caller, points) {
      const purses = pursesOf(caller);
      for (const { key, limit } of purses) budgets.charge(key, limit, points);
      return decide(purses);
    },
    tryField(caller, field) {
      const purses = pursesOf(caller).map(({ key }) => ({ key: `field:${field}:${key}`, limit: fieldLimit }));
      const decision = decide(purses, 'calls');
      if (!decision.isAllowed) return decision;
      for (const { key, limit } of purses) budgets.charge(key, limit, 1);
      return { ...decision, remaining: decision.remaining - 1 };
    },
    mayVerify: (address) => decide([tokensOf(address)], 'tokens'),
    chargeFailure(address) {
      const { key, limit } = tokensOf(address);
      budgets.charge(key, limit, 1);
    },
  };
}
