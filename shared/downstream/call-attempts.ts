import { type AttemptResult, unsentResult } from './attempt-result.ts';
import { hedgedRead } from './hedged-read.ts';
import type { PendingCall } from './pending-call.ts';
import type { ServicePolicy } from './policy.ts';
import { backoffMs, mayRepeat } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type AttemptDeps, RunningAttempt } from './running-attempt.ts';

export interface CallAttemptsDeps extends AttemptDeps {
  readonly random: () => number;
  readonly budget: RetryBudget;
  readonly policy: ServicePolicy;
  onRepeat(): void;
}

/** Retry and hedge: the attempts of one call, one after another or two at a time, until one is good or none may follow. Never rejects. */
export async function callAttempts(
  deps: CallAttemptsDeps,
  pending: PendingCall,
  maxAttempts: number,
): Promise<AttemptResult> {
  deps.budget.deposit();
  for (let attempt = 1; ; attempt++) {
    const first = new RunningAttempt(deps, pending, false);
    const afterMs = maxAttempts > 1 ? hedgeAfterMs(deps, pending) : undefined;
    const result = afterMs === undefined ? await first.ended : await hedged(deps, pending, { first, afterMs });
    if (result.failure === null || attempt >= maxAttempts || !mayRepeat(result, pending.isIdempotent)) return result;

    const waitMs = backoffMs(attempt, result.retryAfterMs, deps);
    // A wait that leaves no time for the attempt would only delay the bad news.
    const leftMs = Math.min(pending.leftMs, pending.sectionLeftMs);
    if (pending.interruption || waitMs + deps.minAttemptMs > leftMs) return result;
    if (!takeFromBudget(deps, pending)) return result;
    deps.events.onRetry?.({
      service: deps.service,
      route: pending.endpoint.route,
      attempt: attempt + 1,
      because: result.failure,
      waitMs,
    });
    await pending.pause(deps.clock, waitMs);
    if (pending.interruption) return unsentResult(pending.interruption);
  }
}

function hedgeAfterMs({ policy, hedgeLatencies, clock }: CallAttemptsDeps, { endpoint, isWrite }: PendingCall) {
  if (!policy.isHedging || isWrite) return undefined;
  return hedgeLatencies(endpoint)?.quantile(0.95, clock.nowMs(), policy.hedgeMinSamples);
}

function hedged(
  deps: CallAttemptsDeps,
  pending: PendingCall,
  { first, afterMs }: { first: RunningAttempt; afterMs: number },
): Promise<AttemptResult> {
  return hedgedRead(first, {
    clock: deps.clock,
    afterMs,
    second() {
      const isWorthIt = deps.instances.list().length > 1 && pending.leftMs >= deps.minAttemptMs;
      if (!isWorthIt || !takeFromBudget(deps, pending)) return undefined;
      deps.events.onHedge?.({ service: deps.service, route: pending.endpoint.route, afterMs });
      return new RunningAttempt(deps, pending, true);
    },
  });
}

function takeFromBudget({ budget, events, service, onRepeat }: CallAttemptsDeps, { endpoint }: PendingCall): boolean {
  const isTaken = budget.withdraw();
  if (isTaken) onRepeat();
  else events.onRetryRefused?.({ service, route: endpoint.route });
  return isTaken;
}
