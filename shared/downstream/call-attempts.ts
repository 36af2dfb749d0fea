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

/** When a read is asked a second time while its first attempt goes on; undefined for never. */
function hedgeAfterMs(deps: CallAttemptsDeps, pending: PendingCall): number | undefined {
  if (!deps.policy.isHedging || pending.isWrite) return undefined;
  const afterMs = Math.min(slowAfterMs(deps, pending), sectionHalfMs(deps, pending));
  return afterMs === Infinity ? undefined : afterMs;
}

/** For an endpoint that asks for it, and where there is somebody else to ask. */
function slowAfterMs(
  { policy, hedgeLatencies, instances, clock }: CallAttemptsDeps,
  { endpoint }: PendingCall,
): number {
  if (instances.list().length < 2) return Infinity;
  return hedgeLatencies(endpoint)?.quantile(0.95, clock.nowMs(), policy.hedgeMinSamples) ?? Infinity;
}

/**
 * A section is over before the timeout of an attempt that hangs: half of its time is for a second one. The first is not cut short for
 * it, for half of a phone's section is 400 ms, and a service that takes 450 would never be heard.
 */
function sectionHalfMs({ minAttemptMs }: CallAttemptsDeps, { leftMs, sectionLeftMs }: PendingCall): number {
  if (sectionLeftMs === Infinity) return Infinity;
  const halfMs = Math.min(leftMs, sectionLeftMs) / 2;
  return halfMs < minAttemptMs ? Infinity : halfMs;
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
      if (pending.leftMs < deps.minAttemptMs || !takeFromBudget(deps, pending)) return undefined;
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
