import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { type Ending, waitFor } from './bounded-wait.ts';
import type { ReadScope } from './cached-read.ts';
import { waitForCalls } from './call-wait.ts';
import { type WaitPolicy, waitLimitMs } from './fallback-policy.ts';
import type { Flight } from './flight.ts';
import type { KeyCall } from './key-call.ts';
import type { Patience } from './patience.ts';
import type { ReadPlan } from './read-plan.ts';
import { isServable, type Outcome } from './sourced-records.ts';

export interface WaitingOptions {
  readonly wait: WaitPolicy;
  readonly refreshBudgetMs: number;
  readonly lookupLimitMs: number;
  readonly patience: Patience;
  /** Whether a call to this service would be let out; where none is, those under way are as good as lost. */
  isAsked(service: string): boolean;
}

/** How a read's wait ended: why a call that has not settled is not waited for any longer. */
export interface WaitEnd {
  readonly ending: Ending;
  readonly reason: unknown;
}

export interface WantedCalls {
  readonly plan: ReadPlan;
  readonly calls: readonly KeyCall[];
  readonly scope: ReadScope;
  /** Whether what stands in for a call may still be found on its way. */
  readonly mayBeFound: boolean;
}

/**
 * Waits for these calls: to the deadline, or, where something of each that is missing can be served otherwise, for the read's share
 * of it, and not at all once others have lately waited in vain; then the calls go on, so that the next one finds their answer.
 */
export async function awaitCalls(clock: Clock, wanted: WantedCalls, options: WaitingOptions): Promise<WaitEnd> {
  const { plan, calls, scope, mayBeFound } = wanted;
  const { signal } = scope.deadline;
  const beganAtMs = clock.nowMs();
  const remainingMs = scope.deadline.remainingMs();
  const flights = flightsOf(calls);
  for (const flight of flights) flight.join(scope);
  const isServed = (call: KeyCall): boolean => isServable(plan, call.kept, clock.nowMs());
  const limitMs = mayBeFound || calls.some(isServed) ? waitLimitMs(options.wait, remainingMs) : undefined;
  const isHopeful = mayAnswer(plan, options);
  const wait = isHopeful ? { calls, limitMs } : lookupWait(wanted, options);
  let ending = await waitForCalls(wait.calls, { clock, signal, limitMs: wait.limitMs });
  if (ending === 'settled' && !calls.every(({ isSettled }) => isSettled)) ending = 'limit';
  if (ending === 'limit') {
    // One that a short deadline has cut says nothing of the service.
    if (isHopeful && limitMs === options.wait.maxWaitMs) options.patience.onVainWait(plan.name, beganAtMs);
    const stuck = calls.filter((call) => !call.isSettled && !isServed(call));
    if (stuck.length > 0 && (await waitForCalls(stuck, { clock, signal })) === 'aborted') ending = 'aborted';
    else for (const call of calls) if (!call.isSettled) call.flight.hold(options.refreshBudgetMs);
  }
  const { reason } = signal;
  for (const flight of flights) flight.leave(reason);
  return { ending, reason };
}

/** Whether a read that could be served otherwise waits for its service all the same. */
export function mayAnswer(
  { name, service }: Pick<ReadPlan, 'name' | 'service'>,
  { patience, isAsked }: WaitingOptions,
): boolean {
  return patience.isLeft(name) && isAsked(service);
}

/**
 * Of calls that have not come to their service, those that are waited for, and how long: where nobody asks it, they end there, and
 * say why; else only a look-up is waited for, for what memory lacks.
 */
function lookupWait({ plan, calls, mayBeFound }: WantedCalls, { lookupLimitMs, isAsked }: WaitingOptions) {
  const endsUnasked = !isAsked(plan.service);
  const awaited = calls.filter(
    ({ kept, wasAsked }) => !wasAsked && (endsUnasked || (mayBeFound && kept === undefined)),
  );
  return awaited.length > 0 ? { calls: awaited, limitMs: lookupLimitMs } : { calls, limitMs: 0 };
}

/**
 * Waits for a refresh that is under way, to the end of this request's deadline, or of its sections' budget where a section asks: for
 * a reader whom what is kept will not do.
 */
export async function awaitRefresh(
  clock: Clock,
  { plan, call, scope }: { readonly plan: ReadPlan; readonly call: KeyCall; readonly scope: ReadScope },
): Promise<Outcome> {
  const { signal } = scope.deadline;
  call.isAwaited = true;
  call.flight.join(scope);
  const ending = await waitFor(call.outcome, { clock, signal, limitMs: scope.sectionLeftMs?.() });
  call.flight.leave(signal.reason);
  return call.isSettled ? call.outcome : unanswered(plan, { ending, reason: signal.reason });
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

/** Nearly always one. */
function flightsOf(calls: readonly KeyCall[]): Iterable<Flight> {
  const first = calls[0]?.flight;
  if (first === undefined) return [];
  return calls.every(({ flight }) => flight === first) ? [first] : new Set(calls.map(({ flight }) => flight));
}
