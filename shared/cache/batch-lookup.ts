import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { waitFor } from './bounded-wait.ts';
import { createCacheWait } from './cache-wait.ts';
import type { ReadScope } from './cached-read.ts';
import type { Entry } from './entry.ts';
import { stateOf } from './generations.ts';
import type { KeyCall } from './key-call.ts';
import type { ReadPlan } from './read-plan.ts';
import type { SharedLevel } from './shared-level.ts';
import { isFresh, isServedAsIs } from './sourced-records.ts';

export interface LookupDeps {
  readonly clock: Clock;
  readonly shared: SharedLevel;
  /** What one look-up may take, whatever the requests that wait for it have left. */
  readonly limitMs: number;
  /** Puts what was found into this process's memory. */
  readonly onFound: (plan: ReadPlan, call: KeyCall, entry: Entry) => void;
}

export interface LookupResult {
  /** To be asked of the service. */
  readonly missing: readonly KeyCall[];
  /** Another process is refreshing them. */
  readonly refreshedElsewhere: readonly KeyCall[];
}

/** When a process that left a refresh to another looks whether it is there. */
const followAfterMs = [100, 300, 900];

/** Looks for the batch in the shared level, settles what can be served as it is, and leaves the rest. */
export async function lookUp<K, P extends object, S extends ReadScope>(
  deps: LookupDeps,
  batch: Batch<K, P, S>,
): Promise<LookupResult> {
  const { clock, shared } = deps;
  const { plan, calls, isRefresh } = batch;
  const wait = createCacheWait(clock, deps.limitMs);
  batch.flight.beginCacheWait(wait);
  const span = batch.scope.trace?.begin(`cache ${batch.read.name}`, 'internal');
  const answer = await Promise.race([shared.find({ plan, calls, isRefresh }), wait.over]);
  wait.end();
  span?.end(
    { 'bff.level': 'redis', 'bff.keys': calls.length, 'bff.found': answer?.found.size ?? 0 },
    answer === undefined ? 'timeout' : undefined,
  );
  if (answer === undefined) return { missing: calls, refreshedElsewhere: [] };
  for (const [call, entry] of answer.found) take(deps, batch, { call, entry });
  const open = calls.filter((call) => !call.isSettled);
  const isElsewhere = (call: KeyCall): boolean => answer.refreshedElsewhere.has(call) && !call.isDemanded;
  return { missing: open.filter((call) => !isElsewhere(call)), refreshedElsewhere: open.filter(isElsewhere) };
}

/**
 * Waits for what another process is refreshing, and no longer than that takes: returns the keys that somebody waits for here and
 * that have not come. A miss never comes here.
 */
export async function follow<K, P extends object, S extends ReadScope>(
  deps: LookupDeps,
  batch: Batch<K, P, S>,
): Promise<KeyCall[]> {
  const { clock, shared } = deps;
  const { signal } = batch.flight;
  let followed = [...batch.calls];
  for (const delayMs of followAfterMs) {
    const ending = await waitFor(Promise.race(followed.map((call) => call.demanded)), {
      clock,
      signal,
      limitMs: delayMs,
    });
    if (ending !== 'limit') break;
    const answer = await shared.find({ plan: batch.plan, calls: followed, isRefresh: false });
    for (const [call, entry] of answer.found) take(deps, batch, { call, entry });
    followed = followed.filter((call) => !call.isSettled);
    if (followed.length === 0) return [];
  }
  for (const call of followed) if (!call.isDemanded && !call.isAwaited) call.settle(leftElsewhere(batch.plan));
  return followed.filter((call) => !call.isSettled);
}

function take<K, P extends object, S extends ReadScope>(
  { clock, shared, onFound }: LookupDeps,
  { plan, isRefresh }: Batch<K, P, S>,
  { call, entry }: { readonly call: KeyCall; readonly entry: Entry },
): void {
  if (call.isSettled || isNewer(call.kept, entry)) return;
  call.kept = entry;
  const isTrusted = !plan.isViewer || entry.fetchedAtMs >= shared.viewersTrustedSinceMs;
  if (!isTrusted) return;
  onFound(plan, call, entry);
  const nowMs = clock.nowMs();
  if (isRefresh ? isFresh(plan, entry, nowMs) : isServedAsIs(plan, entry, nowMs))
    call.settle({ entry, isFetched: false });
}

/** Whether what is held is known to be good, and not older than what was found. */
function isNewer(held: Entry | undefined, found: Entry): boolean {
  return held !== undefined && stateOf(held.generations) === 'current' && held.fetchedAtMs >= found.fetchedAtMs;
}

function leftElsewhere(plan: ReadPlan): AppError {
  return new AppError('STALE_REFUSED', 'Another process is refreshing this.', {
    service: plan.service,
    retryAfterSeconds: 1,
  });
}
