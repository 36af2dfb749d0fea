import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Batch } from './batch.ts';
import type { ReadScope } from './cached-read.ts';
import type { KeyCall } from './key-call.ts';
import { isWhollyServable } from './sourced-records.ts';

/** Whether asking this service is not worth it with so much time left. */
export type ShouldSkip = (service: string, leftMs: number) => boolean;

/**
 * Which of these calls to make. For an optional section whose service has lately taken longer than there is time for, only those
 * that nothing could stand in for; the others are settled, and served what stands in without waiting for it.
 */
export function worthAsking<K, P extends object, S extends ReadScope>(
  { clock, shouldSkip }: { readonly clock: Clock; readonly shouldSkip: ShouldSkip | undefined },
  { plan, isRefresh }: Batch<K, P, S>,
  { calls, waiting }: { readonly calls: readonly KeyCall[]; readonly waiting: readonly S[] },
): readonly KeyCall[] {
  const leftMs = isRefresh || shouldSkip === undefined ? undefined : longestMs(waiting);
  if (shouldSkip === undefined || leftMs === undefined) return calls;
  const nowMs = clock.nowMs();
  const servable = new Set(calls.filter((call) => !call.isNeeded && isWhollyServable(plan, call.kept, nowMs)));
  if (servable.size === 0 || !shouldSkip(plan.service, leftMs)) return calls;
  const failure = tooSlow(plan.service);
  for (const call of servable) call.settle(failure);
  return calls.filter((call) => !servable.has(call));
}

const failures = new Map<string, AppError>();

/** One for each service: taking down a stack costs more than all else that is done for a batch that is not asked for. */
function tooSlow(service: string): AppError {
  const known = failures.get(service);
  if (known !== undefined) return known;
  const message = `The ${service} service takes longer than there is time for.`;
  const failure = new AppError('DOWNSTREAM_TIMEOUT', message, { service });
  failures.set(service, failure);
  return failure;
}

/** How long the most patient of those who wait may; undefined where it is more than an option for one of them. */
function longestMs(waiting: readonly ReadScope[]): number | undefined {
  let longest = 0;
  for (const { sectionLeftMs, deadline } of waiting) {
    const leftMs = sectionLeftMs?.();
    if (leftMs === undefined) return undefined;
    longest = Math.max(longest, Math.min(leftMs, deadline.remainingMs()));
  }
  return longest;
}
