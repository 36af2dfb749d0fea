import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Detach, Merge } from './batch.ts';
import type { CachedRead, ReadScope, ReadThrough } from './cached-read.ts';
import { createDrops } from './drops.ts';
import type { Entry } from './entry.ts';
import { ownerPrefix } from './entry-key.ts';
import type { WaitPolicy } from './fallback-policy.ts';
import { fallsBack } from './fallback-policy.ts';
import { createGenerations, stateOf } from './generations.ts';
import { createHitCheck } from './hit-check.ts';
import type { HitLog, HitPlan, Standin as HitStandin } from './hit-log.ts';
import type { KeyCall } from './key-call.ts';
import type { DueKey } from './key-calls.ts';
import { createKeyCalls } from './key-calls.ts';
import { countResults, type KeyResult } from './lookup-counts.ts';
import { createMemoryLevel } from './memory-level.ts';
import { createPatience } from './patience.ts';
import type { ReadPlan } from './read-plan.ts';
import { planOf } from './read-plan.ts';
import { viewerScope } from './scopes.ts';
import type { ShouldSkip } from './section-skip.ts';
import type { SharedLevelFactory } from './shared-level.ts';
import {
  changesAtMs,
  fetchedRecords,
  freshRecords,
  isFresh,
  isServedAsIs,
  type Outcome,
  type Standin,
  standinRecords,
} from './sourced-records.ts';
import { awaitCalls, awaitRefresh, mayAnswer, unanswered, type WaitEnd } from './waiting.ts';

export interface ReadThroughDeps<S extends ReadScope> {
  readonly clock: Clock;
  readonly detach: Detach<S>;
  /** Without it a call that is for several requests goes out as the first one's. */
  readonly merge?: Merge<S> | undefined;
  /** The level that processes share; without it the one in this process serves alone. */
  readonly shared?: SharedLevelFactory | undefined;
  /** From 0 to 1; for the jitter. */
  readonly random?: () => number;
  /** For optional sections that something can stand in for. */
  readonly shouldSkip?: ShouldSkip | undefined;
  /** Whether a call to this service would be let out: not by an open breaker, nor by a night switch. */
  readonly isAsked?: ((service: string) => boolean) | undefined;
}

export interface ReadThroughOptions {
  /** Whether anything is kept. */
  readonly isCaching: boolean;
  /** Whether those who ask for a key that is on its way wait for the same call. */
  readonly isJoining: boolean;
  /** How long keys of a public read wait for those of other requests while their service is being asked; 0: not at all. 1 ms. */
  readonly mergeWindowMs: number;
  /** How long those do that nobody waits for: 50 ms, a hundredth of the shortest window in which they are served meanwhile. Not at all without `mergeWindowMs`. */
  readonly refreshWindowMs: number;
  /** What the level in this process may weigh. 64 MB: some 15,000 products, an eighth of a small container. */
  readonly maxBytes: number;
  /** An entry heavier than this is served and not kept. 1 MB: one answer must not push out a thousand others. */
  readonly maxEntryBytes: number;
  /** How many viewers, viewers' reads and tags are known at a time, some 200 bytes each. 100000. */
  readonly maxScopes: number;
  /** 0.1: what was fetched together falls due over a fifth of its window. */
  readonly jitterShare: number;
  /** What one look-up in the shared level may take, whatever the requests that wait for it have left. 100 ms. */
  readonly lookupLimitMs: number;
  readonly wait: WaitPolicy;
  /** The budget of a call that nobody waits for. 10000 ms: two attempts that hang, and one that does not. */
  readonly refreshBudgetMs: number;
}

export const readThroughDefaults: ReadThroughOptions = {
  isCaching: true,
  isJoining: true,
  mergeWindowMs: 1,
  refreshWindowMs: 50,
  maxBytes: 64 * 1024 * 1024,
  maxEntryBytes: 1024 * 1024,
  maxScopes: 100_000,
  jitterShare: 0.1,
  lookupLimitMs: 100,
  wait: { maxWaitMs: 500, maxShare: 0.4 },
  refreshBudgetMs: 10_000,
};

/** What this process holds at the moment. */
export interface CacheUse {
  readonly entries: number;
  readonly bytes: number;
  readonly callsUnderWay: number;
}

/** The fallback cache of one process. */
export interface FallbackCache<S extends ReadScope = ReadScope> extends ReadThrough<S> {
  /**
   * Removes all that is kept for this viewer, here, in Redis and in every other process; returns how many entries there were.
   *
   * @throws Error - when Redis could not be gone through; what it still has is shown to nobody, and expires.
   */
  purgeViewer(viewerId: string): Promise<{ readonly memory: number; readonly shared: number }>;
  readonly use: CacheUse;
  close(): void;
}

interface Request<S> {
  readonly plan: ReadPlan;
  readonly scope: S;
  readonly nowMs: number;
}

interface DueRequest<S> extends Request<S> {
  readonly results: KeyResult[];
}

interface Due<K> extends DueKey<K> {
  readonly index: number;
  /** Whether what is kept is served while the call goes on. */
  isServed: boolean;
}

/** Reads through two levels; what is kept stands in for a service that fails. */
export function createReadThrough<S extends ReadScope>(
  deps: ReadThroughDeps<S>,
  overrides: Partial<ReadThroughOptions> = {},
): FallbackCache<S> {
  const options = { ...readThroughDefaults, ...overrides };
  const { clock, detach, random = Math.random, isAsked = () => true } = deps;
  const memory = createMemoryLevel(options.maxBytes);
  const generations = createGenerations(options.maxScopes);
  const patience = createPatience(clock);
  const shared = options.isCaching ? deps.shared?.(generations) : undefined;
  const drops = createDrops({ clock, generations, shared });
  const onRefused = (scope: string, viewerId: string): void => void drops.dropScopes([scope], viewerId);
  const calls = createKeyCalls<S>(
    {
      clock,
      detach,
      merge: deps.merge,
      memory,
      shared,
      generations,
      random,
      onRefused,
      shouldSkip: deps.shouldSkip,
      isAsked,
      patience,
    },
    options,
  );

  const waiting = { ...options, patience, isAsked };

  /** What memory holds for this key and may be shown to whoever asks by it. */
  function held(plan: HitPlan, key: string): Entry | undefined {
    if (plan.isViewer && shared?.isHearing === false) return undefined;
    const entry = memory.get(key);
    if (entry === undefined || !plan.isViewer) return entry;
    // Its generations may have been verified for another key, by a Redis that has yet to be told of a write.
    const isTrusted = shared === undefined || entry.fetchedAtMs >= shared.viewersTrustedSinceMs;
    return isTrusted && stateOf(entry.generations) === 'current' ? entry : undefined;
  }

  function refreshOf(request: Request<S>, call: KeyCall | undefined): Standin['refresh'] {
    const { plan, scope } = request;
    if (call === undefined) return undefined;
    return async () => {
      calls.hurry(call);
      return recordsOf(request, call, await awaitRefresh(clock, { plan, call, scope }));
    };
  }

  /** What a call has brought; what it found in Redis is judged by its age as what memory holds is. */
  function recordsOf(request: Request<S>, call: KeyCall, outcome: Outcome): KeyResult {
    if (outcome instanceof AppError) return outcome;
    const { plan } = request;
    const { entry, isFetched } = outcome;
    if (isFetched || entry.records === null) return fetchedRecords(plan, entry);
    const refresh = refreshOf(request, calls.underWay(call.key));
    const nowMs = clock.nowMs();
    // What was found in time may be past its windows by now: its batch has waited for another key.
    const failure = isServedAsIs(plan, entry, nowMs)
      ? undefined
      : unanswered(plan, { ending: 'limit', reason: undefined });
    return standinRecords(plan, entry, { nowMs, wallMs: clock.wallMs(), failure, refresh });
  }

  function resultOf(request: Request<S>, call: KeyCall, wait: WaitEnd): KeyResult {
    const { plan } = request;
    const outcome = call.settled ?? unanswered(plan, wait);
    if (!(outcome instanceof AppError)) return recordsOf(request, call, outcome);
    if (!fallsBack(outcome)) return outcome;
    const isUnderWay = call.settled === undefined && wait.ending === 'limit';
    const refresh = refreshOf(request, isUnderWay ? call : undefined);
    return standinRecords(plan, call.kept, { nowMs: clock.nowMs(), wallMs: clock.wallMs(), failure: outcome, refresh });
  }

  /**
   * Gives each key its call: one under way, or a new one. What is not waited for goes with what is where that makes one call of
   * two, and in a flight of its own where it is alone, does not fit, or may be left to another process.
   */
  function assignCalls<K, P extends object>(
    read: CachedRead<K, P, S>,
    due: readonly Due<K>[],
    { plan, scope, nowMs }: Request<S>,
  ): void {
    const toRefresh: Due<K>[] = [];
    const toFetch: Due<K>[] = [];
    for (const one of due) {
      one.isServed = one.kept !== undefined && isServedAsIs(plan, one.kept, nowMs);
      one.call = options.isJoining && plan.isKept ? calls.underWay(one.key) : undefined;
      if (one.call === undefined) (one.isServed ? toRefresh : toFetch).push(one);
      else if (!one.isServed) {
        one.call.demand(scope.sectionLeftMs !== undefined);
        if (one.kept === undefined || mayAnswer(plan, waiting) || !isAsked(plan.service)) calls.hurry(one.call);
      }
    }
    if (shared === undefined && toFetch.length > 0 && toFetch.length + toRefresh.length <= read.maxBatch) {
      toFetch.push(...toRefresh.splice(0));
    }
    if (toRefresh.length > 0) calls.start(read, toRefresh, { plan, scope, isRefresh: true });
    if (toFetch.length > 0) calls.start(read, toFetch, { plan, scope, isRefresh: false });
  }

  /** Tells the log what was served; what cannot be looked up again as it was, a service's failure too, is said for this request alone. */
  function logHits(hits: HitLog, due: readonly Due<unknown>[], request: DueRequest<S>): void {
    const { plan, nowMs, results } = request;
    for (const one of due) {
      const { index, key, kept, call, isServed } = one;
      if (!isServed && call !== undefined && isAtHand(plan, call) && isUndegraded(results[index])) {
        hits.addFetched(plan, key, call.settled.entry);
        continue;
      }
      const standin = standinOf(request, one);
      const served = isServed ? kept : call?.kept;
      const isHeld = held(plan, key)?.id === served?.id;
      if (isHeld && standin !== undefined) {
        const changes = served === undefined ? Number.POSITIVE_INFINITY : changesAtMs(plan, served, nowMs);
        const isGoneAtMs = isServed && served !== undefined ? served.fetchedAtMs + plan.minKeptMs : undefined;
        hits.addStandin({ plan, key, entryId: served?.id ?? 0, standin }, { nowMs, changesAtMs: changes, isGoneAtMs });
      } else if (isHeld && isServed && served !== undefined) hits.addServed(plan, key, served);
      else hits.spoil();
    }
  }

  /** Whether what a call has brought is served from memory from now on. */
  function isAtHand(plan: ReadPlan, call: KeyCall): call is KeyCall & { readonly settled: Exclude<Outcome, AppError> } {
    const { settled, key } = call;
    if (settled === undefined || settled instanceof AppError) return false;
    return held(plan, key)?.id === settled.entry.id;
  }

  /** Undefined where nothing stands in, or does for this request alone. */
  function standinOf(request: Request<S>, { key, call, isServed }: Due<unknown>): HitStandin | undefined {
    if ((isServed && isUnderWay(key)) || !standsInForNext(request, call)) return undefined;
    if (!isAsked(request.plan.service)) return 'unasked';
    return isUnderWay(key) ? 'awaited' : 'skipped';
  }

  function isUnderWay(key: string): boolean {
    return calls.underWay(key) !== undefined;
  }

  /** Whether the next request would be served without an answer as well, which one whose client is in a hurry, or gone, does not tell. */
  function standsInForNext({ plan, scope }: Request<S>, call: KeyCall | undefined): boolean {
    if (call === undefined) return false;
    const { settled, wasAsked } = call;
    if (settled === undefined) return !scope.deadline.signal.aborted && !mayAnswer(plan, waiting);
    return settled instanceof AppError && (settled.code === 'CIRCUIT_OPEN' || (!wasAsked && !isHurried(scope)));
  }

  /** Nobody waits any more: no call is begun. */
  function serveWithoutAsking(due: readonly Due<unknown>[], request: DueRequest<S>): void {
    const { plan, scope, nowMs, results } = request;
    const failure = unanswered(plan, { ending: 'aborted', reason: scope.deadline.signal.reason });
    for (const { kept, index } of due) {
      results[index] = standinRecords(plan, kept, { nowMs, wallMs: clock.wallMs(), failure });
    }
  }

  async function manyDue<K, P extends object>(
    read: CachedRead<K, P, S>,
    due: readonly Due<K>[],
    request: DueRequest<S>,
  ): Promise<void> {
    const { plan, scope, nowMs, results } = request;
    if (scope.deadline.signal.aborted) return serveWithoutAsking(due, request);
    assignCalls(read, due, request);
    const awaited: KeyCall[] = [];
    for (const { kept, index, call, isServed } of due) {
      if (kept !== undefined && isServed) {
        results[index] = standinRecords(plan, kept, {
          nowMs,
          wallMs: clock.wallMs(),
          refresh: refreshOf(request, call),
        });
      } else if (call !== undefined) awaited.push(call);
    }
    if (awaited.length === 0) return;
    const mayBeFound = shared !== undefined && plan.isKept;
    const wait = await awaitCalls(clock, { plan, calls: awaited, scope, mayBeFound }, waiting);
    for (const { index, call, isServed } of due) {
      if (!isServed && call !== undefined) results[index] = resultOf(request, call, wait);
    }
  }

  async function many<K, P extends object>(
    read: CachedRead<K, P, S>,
    keys: readonly K[],
    scope: S,
  ): Promise<KeyResult[]> {
    const plan = planOf(read);
    if (plan.isViewer && scope.viewerId === null) return keys.map(() => anonymous(plan));
    const nowMs = clock.nowMs();
    const keyFor = plan.keysFor(scope);
    const results: KeyResult[] = [];
    const due: Due<K>[] = [];
    const batch = scope.trace?.begin(`batch ${read.name}`, 'internal');
    const memorySpan = batch?.inside.begin(`cache ${read.name}`, 'internal');
    // By index, without an iterator's pair for each key: this is the path of every hit.
    keys.forEach((asked, index) => {
      const key = keyFor(read.keyOf(asked));
      const entry = options.isCaching ? held(plan, key) : undefined;
      if (entry === undefined || !isFresh(plan, entry, nowMs)) {
        due.push({ index, asked, key, kept: entry, call: undefined, isServed: false });
        results.push(null);
        return;
      }
      entry.freshRecords ??= freshRecords(plan, entry);
      scope.hits?.addServed(plan, key, entry);
      results.push(entry.freshRecords);
    });
    memorySpan?.end({ 'bff.level': 'memory', 'bff.keys': keys.length, 'bff.found': keys.length - due.length });
    if (due.length > 0) {
      const within = batch === undefined ? scope : { ...scope, trace: batch.inside };
      const request = { plan, scope: within, nowMs, results };
      await manyDue(read, due, request);
      if (scope.hits !== undefined) logHits(scope.hits, due, request);
    }
    const counts = countResults(results, keys.length - due.length);
    scope.report.addCacheLookup(read.name, counts);
    batch?.end({ 'bff.keys': keys.length, ...counts });
    return results;
  }

  return {
    // Records are kept by name whatever their types; `read.parts` has the same names and types.
    many: many as ReadThrough<S>['many'],
    stillServes: createHitCheck({
      clock,
      held,
      isUnderWay,
      isAsked,
      mayAnswer: (plan) => mayAnswer(plan, waiting),
    }),
    drop: drops.drop,
    async purgeViewer(viewerId) {
      await drops.dropScopes([viewerScope(viewerId)], viewerId);
      const prefix = ownerPrefix(viewerId);
      return { memory: memory.deleteByPrefix(prefix), shared: (await shared?.removeByPrefix(prefix)) ?? 0 };
    },
    get use() {
      return { entries: memory.size, bytes: memory.bytes, callsUnderWay: calls.size };
    },
    close() {
      drops.close();
      shared?.close();
    },
  };
}

/** Whether it says what its entry does, and nothing stands in. */
function isUndegraded(result: KeyResult | undefined): boolean {
  if (result === undefined || result instanceof AppError) return false;
  return Object.values(result ?? {}).every(
    (record) => !(record instanceof AppError) && record.origin !== 'kept' && record.origin !== 'default',
  );
}

/** Whether the client has lowered its deadline: of itself that leaves a section all of its budget. */
function isHurried({ deadline, sectionLeftMs }: ReadScope): boolean {
  return sectionLeftMs !== undefined && deadline.remainingMs() < sectionLeftMs();
}

function anonymous(plan: ReadPlan): AppError {
  return new AppError('UNAUTHENTICATED', 'Sign in to see this.', { service: plan.service });
}
