import type { Clock } from '../clock.ts';
import type { ServicePolicy } from './policy.ts';

/** How many attempts a service may be asked beyond its calls, so that an outage is not answered with three times the load. */
export interface RetryBudget {
  /** One call, its first attempt, was made. */
  deposit(): void;
  /** Takes one further attempt; false where none is left. */
  withdraw(): boolean;
}

/** The balance at most: one second of a quiet service's allowance. A larger one would let an outage begin with a burst. */
function capacityOf(policy: Pick<ServicePolicy, 'retryBudgetRatio' | 'retryBudgetPerSecond'>): number {
  return Math.max(policy.retryBudgetPerSecond, policy.retryBudgetRatio > 0 ? 10 : 0);
}

/** A bucket that calls fill by a share and time by a trickle. */
export function createRetryBudget(
  clock: Clock,
  policy: Pick<ServicePolicy, 'retryBudgetRatio' | 'retryBudgetPerSecond'>,
): RetryBudget {
  const capacity = capacityOf(policy);
  let balance = capacity;
  let filledAtMs = clock.nowMs();

  return {
    deposit() {
      balance = Math.min(capacity, balance + policy.retryBudgetRatio);
    },
    withdraw() {
      if (capacity === Infinity) return true;
      const nowMs = clock.nowMs();
      balance = Math.min(capacity, balance + ((nowMs - filledAtMs) / 1000) * policy.retryBudgetPerSecond);
      filledAtMs = nowMs;
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
