import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Ending } from './bounded-wait.ts';
import { waitFor } from './bounded-wait.ts';
import type { ReadScope } from './cached-read.ts';
import { type WaitPolicy, waitLimitMs } from './fallback-policy.ts';
import type { KeyCall } from './key-call.ts';
import type { ReadPlan } from './read-plan.ts';
import { isServable } from './sourced-records.ts';

export interface WaitingOptions {
  readonly wait: WaitPolicy;
  readonly refreshBudgetMs: number;
}

/** How a read's wait ended: why a call that has not settled is not waited for any longer. */
export interface WaitEnd {
  readonly ending: Ending;
  readonly reason: unknown;
}

/**
 * Waits for these calls: to the deadline, or, where all that is missing can be served otherwise, for the read's share of it; then
 * the calls go on, so that the next one finds their answer.
 */
export async function awaitCalls(
  clock: Clock,
  wanted: { readonly plan: ReadPlan; readonly calls: readonly KeyCall[]; readonly scope: ReadScope },
  options: WaitingOptions,
): Promise<WaitEnd> {
  const { plan, calls, scope } = wanted;
  const { signal } = scope.deadline;
  const remainingMs = scope.deadline.remainingMs();
  const flights = new Set(calls.map((call) => call.flight));
  for (const flight of flights) flight.join(remainingMs, scope.cacheWait);
  const limitMs = waitLimitMs(options.wait, remainingMs);
  let ending = await waitFor(allOf(calls), { clock, signal, limitMs });
  if (ending === 'limit') {
    const stuck = calls.filter((call) => !call.isSettled && !isServable(plan, call.kept, clock.nowMs()));
    if (stuck.length > 0 && (await waitFor(allOf(stuck), { clock, signal })) === 'aborted') ending = 'aborted';
    else for (const call of calls) if (!call.isSettled) call.flight.hold(options.refreshBudgetMs);
  }
  for (const flight of flights) flight.leave(signal.reason);
  return { ending, reason: signal.reason };
}

/** The failure that stands for a call that was not waited for to its end. */
export function unanswered(plan: ReadPlan, { ending, reason }: WaitEnd): AppError {
  if (ending !== 'aborted') {
    return new AppError('DOWNSTREAM_TIMEOUT', `The ${plan.service} service has not answered yet.`, {
      service: plan.service,
    });
  }
  if (reason instanceof AppError) return reason;
  return new AppError('DEADLINE_EXCEEDED', 'The time for this answer is over.', {
    cause: reason,
    service: plan.service,
  });
}

function allOf(calls: readonly KeyCall[]): Promise<unknown> {
  return Promise.all(calls.map((call) => call.outcome));
}
