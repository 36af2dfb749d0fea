import type { Clock } from '../clock.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { TurnoverMap } from '../memory.ts';
import { isFlawed } from '../provenance.ts';
import type { Batch, Detach, Merge } from './batch.ts';
import { narrowed } from './batch.ts';
import { type ChunkAnswer, fetchBatch } from './batch-fetch.ts';
import { follow, type LookupDeps, lookUp } from './batch-lookup.ts';
import { allowanceLeftMs } from './cache-wait.ts';
import type { CachedRead, ReadScope } from './cached-read.ts';
import { type Entry, nextEntryId } from './entry.ts';
import { asAppError, isGone, isRefusal, isTokenRefusal } from './fallback-policy.ts';
import { Flight } from './flight.ts';
import type { Generation, Generations } from './generations.ts';
import { areOver, stateOf } from './generations.ts';
import { type CallWaiter, KeyCall } from './key-call.ts';
import type { MemoryLevel } from './memory-level.ts';
import { entryBytes } from './memory-level.ts';
import { createMergeWindows, type Departure } from './merge-windows.ts';
import type { Patience } from './patience.ts';
import type { ReadPlan } from './read-plan.ts';
import { readScope, rootScope, tagScope, viewerScope } from './scopes.ts';
import { type ShouldSkip, worthAsking } from './section-skip.ts';
import type { SharedLevel } from './shared-level.ts';
import { isFresh } from './sourced-records.ts';

export interface KeyCallsDeps<S extends ReadScope> {
  readonly clock: Clock;
  readonly detach: Detach<S>;
  readonly merge: Merge<S> | undefined;
  readonly memory: MemoryLevel;
  readonly shared: SharedLevel | undefined;
  readonly generations: Generations;
  readonly random: () => number;
  /** The service has refused this viewer what is in the scope. */
  readonly onRefused: (scope: string, viewerId: string) => void;
  readonly shouldSkip: ShouldSkip | undefined;
  /** Whether a call to this service would be let out. */
  readonly isAsked: (service: string) => boolean;
  readonly patience: Patience;
}

export interface KeyCallsOptions {
  readonly isCaching: boolean;
  readonly isJoining: boolean;
  readonly jitterShare: number;
  readonly maxEntryBytes: number;
  readonly refreshBudgetMs: number;
  readonly mergeWindowMs: number;
  readonly refreshWindowMs: number;
  readonly lookupLimitMs: number;
}

/** A key that cannot be served from memory as it is, and the call that it is given. */
export interface DueKey<K> {
  readonly key: string;
  readonly asked: K;
  readonly kept: Entry | undefined;
  call: KeyCall | undefined;
}

/** For whom keys are asked for: with `isRefresh`, for nobody who waits. */
export interface CallFor<S> {
  readonly plan: ReadPlan;
  readonly scope: S;
  readonly isRefresh: boolean;
}

export interface KeyCalls<S extends ReadScope> {
  /** The call for this key that is under way and may still be joined. */
  underWay(key: string): KeyCall | undefined;
  /** Somebody waits for a refresh: it goes out, if it has not yet. */
  hurry(call: KeyCall): void;
  /** Asks for these keys in one flight and gives each its call; whoever waits joins the flight before awaiting anything else. */
  start<K, P extends object>(read: CachedRead<K, P, S>, due: readonly DueKey<K>[], callFor: CallFor<S>): void;
  readonly size: number;
}

const noGenerations: readonly Generation[] = [];

/** What is asked for by a longer key (a search for an essay) is served and not kept. */
const maxKeyLength = 1024;

/** The calls under way: one for each key, whoever asks. */
export function createKeyCalls<S extends ReadScope>(deps: KeyCallsDeps<S>, options: KeyCallsOptions): KeyCalls<S> {
  const { clock, memory, shared, generations } = deps;
  const calls = new TurnoverMap<string, KeyCall>();
  const windows = createMergeWindows<S>(clock, {
    windowMs: options.mergeWindowMs,
    refreshWindowMs: options.refreshWindowMs,
  });

  const owner: CallWaiter = {
    onSettled(call) {
      if (calls.get(call.key) === call) calls.delete(call.key);
    },
  };

  function isJoined(plan: ReadPlan): boolean {
    return options.isJoining && plan.isKept;
  }

  /** Every key's generations; none where a call is neither joined nor kept, so that nothing could look at them. */
  function generationsOf<K, P extends object>(
    read: CachedRead<K, P, S>,
    plan: ReadPlan,
    viewerId: string | null,
  ): (key: K) => readonly Generation[] {
    if (!isKept(plan) && !isJoined(plan)) return () => noGenerations;
    const common = [generations.of(rootScope), generations.of(readScope(plan.isViewer ? viewerId : null, read.name))];
    if (plan.isViewer && viewerId !== null) common.push(generations.of(viewerScope(viewerId)));
    if (read.tagsOf === undefined) return () => common;
    return (key) => [...common, ...(read.tagsOf?.(key) ?? []).map((tag) => generations.of(tagScope(tag)))];
  }

  function isKept(plan: ReadPlan): boolean {
    return options.isCaching && plan.isKept;
  }

  /** Holds an entry in this process, unless something has dropped it, or it is a viewer's whose drops would not be heard. */
  function hold(plan: ReadPlan, call: KeyCall, entry: Entry): void {
    const state = stateOf(entry.generations);
    const isHeard = shared === undefined || (shared.isHearing && call.wasNamed && entry.generations.every(isNamed));
    if (areOver(entry.generations) || (plan.isViewer && (state !== 'current' || !isHeard))) return;
    if (entry.bytes > options.maxEntryBytes) memory.delete(call.key);
    else memory.put(call.key, entry);
  }

  /** A token that allows less must not cost the viewer what was kept for one that allows more. */
  function dropRefused(
    plan: ReadPlan,
    { call, said, viewerId }: { readonly call: KeyCall; readonly said: AppError; readonly viewerId: string },
  ): void {
    if (!isRefusal(said)) return;
    if (!isTokenRefusal(said)) deps.onRefused(viewerScope(viewerId), viewerId);
    else if (call.kept !== undefined) deps.onRefused(readScope(viewerId, plan.name), viewerId);
  }

  function takeFetched<K, P extends object>(
    { plan, viewerId, flight }: Batch<K, P, S>,
    {
      chunk,
      answer,
      beganAtMs,
    }: { readonly chunk: readonly KeyCall[]; readonly answer: ChunkAnswer; readonly beganAtMs: number },
  ): void {
    if (!isSilence(answer)) deps.patience.onAnswer(plan.name);
    else if (wasGivenTime(answer, flight)) deps.patience.onSilentCall(plan.name, beganAtMs);
    const [fetchedAtMs, fetchedAtWallMs] = [clock.nowMs(), clock.wallMs()];
    const toShare: { call: KeyCall; entry: Entry }[] = [];
    for (const call of chunk) {
      const said = answer instanceof AppError ? answer : (answer.get(call.asked) ?? null);
      if (said instanceof AppError && !isGone(said)) {
        if (plan.isViewer && viewerId !== null) dropRefused(plan, { call, said, viewerId });
        call.settle(said);
        continue;
      }
      const records = said instanceof AppError ? null : said;
      const mayBeKept = isKept(plan) && call.key.length <= maxKeyLength && !hasFlaw(records);
      const json = mayBeKept ? jsonOf(records) : undefined;
      const id = nextEntryId();
      const entry: Entry = {
        id,
        contentId: saysTheSame(call.kept, json) ? call.kept.contentId : id,
        records,
        fetchedAtMs,
        fetchedAtWallMs,
        jitter: 1 + options.jitterShare * (2 * deps.random() - 1),
        generations: call.generations,
        bytes: entryBytes(call.key, json?.length ?? 0),
        freshRecords: undefined,
      };
      if (json !== undefined) {
        hold(plan, call, entry);
        if (shared !== undefined && call.wasNamed && entry.bytes <= options.maxEntryBytes)
          toShare.push({ call, entry });
      }
      call.settle({ entry, isFetched: true });
    }
    if (toShare.length > 0) shared?.store(plan, toShare);
  }

  const lookup: LookupDeps | undefined = shared && {
    clock,
    shared,
    limitMs: options.lookupLimitMs,
    onFound: hold,
  };

  function run<K, P extends object>(batch: Batch<K, P, S>, waiting: readonly S[]): Promise<unknown> {
    if (lookup === undefined || !lookup.shared.isAvailable || !isKept(batch.plan)) {
      return fetch(batch, batch.calls, waiting);
    }
    const nowMs = clock.nowMs();
    const mayWait = batch.isRefresh || waiting.every(({ cacheWait }) => allowanceLeftMs(cacheWait, nowMs) > 0);
    return mayWait ? findThenFetch(lookup, batch, waiting) : fetch(batch, batch.calls, waiting);
  }

  async function findThenFetch<K, P extends object>(
    deps: LookupDeps,
    batch: Batch<K, P, S>,
    waiting: readonly S[],
  ): Promise<unknown> {
    const { missing, refreshedElsewhere } = await lookUp(deps, batch);
    const [first] = waiting;
    if (!batch.isRefresh && first !== undefined) refreshStale(batch, first);
    const following =
      refreshedElsewhere.length === 0
        ? []
        : follow(deps, narrowed(batch, refreshedElsewhere)).then((left) => fetch(batch, left, waiting));
    return Promise.all([fetch(batch, missing, waiting), following]);
  }

  /** Asks the service for these calls of the batch. */
  function fetch<K, P extends object>(
    batch: Batch<K, P, S>,
    wanted: readonly KeyCall[],
    waiting: readonly S[],
  ): Promise<unknown> {
    const asked = worthAsking(deps, batch, { calls: wanted, waiting });
    if (asked.length === 0) return Promise.resolve();
    const { service } = batch.read;
    const wasAsked = deps.isAsked(service);
    for (const call of asked) {
      call.wasAsked = wasAsked;
      call.wasNamed = call.generations.every(isNamed);
    }
    windows.onBegun(service);
    const beganAtMs = clock.nowMs();
    const narrow = asked === batch.calls ? batch : narrowed(batch, asked);
    return fetchBatch(narrow, (chunk, answer) => takeFetched(batch, { chunk, answer, beganAtMs })).finally(() =>
      windows.onLanded(service),
    );
  }

  /** What was found in Redis past its fresh window has been served; now it is refreshed. */
  function refreshStale<K, P extends object>({ read, plan, calls: asked }: Batch<K, P, S>, scope: S): void {
    const stale = asked.filter(
      (call) => call.isSettled && call.kept !== undefined && !isFresh(plan, call.kept, clock.nowMs()),
    );
    const due = stale.filter(({ key }) => underWay(key) === undefined);
    if (due.length === 0) return;
    start(
      read,
      due.map(({ key, asked: askedKey, kept }) => ({ key, asked: askedKey as K, kept, call: undefined })),
      { plan, scope, isRefresh: true },
    );
  }

  function underWay(key: string): KeyCall | undefined {
    const call = calls.get(key);
    if (call === undefined || areOver(call.generations)) return undefined;
    // All who waited for it have gone: it ends without an answer.
    return call.flight.signal.aborted ? undefined : call;
  }

  function begin<K, P extends object>(read: CachedRead<K, P, S>, { plan, scope, isRefresh }: CallFor<S>): Departure<S> {
    const flight = new Flight(clock, scope);
    if (isRefresh) flight.hold(options.refreshBudgetMs);
    const departure: Departure<S> = {
      read,
      plan,
      flight,
      calls: [],
      scopes: [],
      isRefresh,
      depart: () => depart(read, departure),
    };
    return departure;
  }

  /** Gives each key its call in this flight. */
  function board<K, P extends object>(
    read: CachedRead<K, P, S>,
    due: readonly DueKey<K>[],
    { plan, flight, calls: boarded, scopes, scope }: Departure<S> & { readonly scope: S },
  ): void {
    const generationsFor = generationsOf(read, plan, scope.viewerId);
    // A request that asks twice is one, whatever span it asks under.
    if (!scopes.some(({ report }) => report === scope.report)) scopes.push(scope);
    for (const one of due) {
      const { key, asked, kept } = one;
      const twin = calls.get(key);
      // Asked for a moment ago: by another request of this flight, or by this one, which named it twice.
      if (twin?.flight === flight || underWay(key) !== undefined) {
        one.call = twin;
        continue;
      }
      const call = new KeyCall({ key, asked, kept, flight, generations: generationsFor(asked) }, owner);
      // A request is named once, by whatever it asked for first: what it needs is said of each call.
      call.isNeeded = scope.sectionLeftMs === undefined;
      if (isJoined(plan)) calls.set(key, call);
      one.call = call;
      boarded.push(call);
    }
  }

  function depart<K, P extends object>(read: CachedRead<K, P, S>, departure: Departure<S>): void {
    const { plan, flight, calls: boarded, scopes, isRefresh } = departure;
    const [first] = scopes;
    if (first === undefined) return;
    const scope =
      scopes.length > 1 && deps.merge !== undefined
        ? deps.merge(scopes, flight)
        : deps.detach(first, flight, read.audience);
    run({ read, plan, viewerId: first.viewerId, scope, calls: boarded, isRefresh, flight }, scopes).then(
      () => flight.land(),
      (failure: unknown) => {
        const error = asAppError(failure, read.service);
        for (const call of boarded) call.settle(error);
        flight.land();
      },
    );
  }

  function start<K, P extends object>(read: CachedRead<K, P, S>, due: readonly DueKey<K>[], callFor: CallFor<S>): void {
    const { plan, scope } = callFor;
    if (!plan.isViewer && isJoined(plan) && read.maxBatch > 1 && options.mergeWindowMs > 0) {
      merge(read, due, callFor);
      return;
    }
    const departure = begin(read, callFor);
    board(read, due, { ...departure, scope });
    departure.depart();
  }

  /** Fills the departure that is open, and others after it. */
  function merge<K, P extends object>(read: CachedRead<K, P, S>, due: readonly DueKey<K>[], callFor: CallFor<S>): void {
    for (let at = 0; at < due.length; ) {
      const open = windows.open(read, callFor.isRefresh);
      const departure = open ?? begin(read, callFor);
      const end = at + read.maxBatch - departure.calls.length;
      board(read, due.slice(at, end), { ...departure, scope: callFor.scope });
      at = end;
      if (departure.calls.length >= read.maxBatch) windows.close(departure);
      else if (open === undefined) windows.hold(departure);
    }
  }

  return {
    underWay,
    hurry: ({ flight }) => windows.hurry(flight),
    start,
    get size() {
      return calls.size;
    },
  };
}

/** Whether nothing was heard of the service: it took too long, or as many calls as may be under way are. */
function isSilence(answer: ChunkAnswer): answer is AppError {
  return answer instanceof AppError && silences.has(answer.code);
}

const silences: ReadonlySet<ErrorCode> = new Set(['DOWNSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED', 'OVERLOADED']);

/** Whether it was its service that took too long, and not those who waited that went away, or had no more time. */
function wasGivenTime(answer: AppError, { isHeld }: Flight): boolean {
  return answer.code === 'DOWNSTREAM_TIMEOUT' || (answer.code === 'DEADLINE_EXCEEDED' && isHeld);
}

function isNamed({ token }: Generation): boolean {
  return token !== undefined;
}

/** A field that could not be read errs in this answer alone: kept, it would hide what was there before, and outlive the mend. */
function hasFlaw(records: Readonly<Record<string, unknown>> | null): boolean {
  for (const name in records) {
    const record = records[name];
    if (typeof record === 'object' && record !== null && isFlawed(record)) return true;
  }
  return false;
}

/** Records are plain JSON, read by one reader: what is the same has its members in the same order. */
function saysTheSame(before: Entry | undefined, json: string | undefined): before is Entry {
  return before !== undefined && json !== undefined && JSON.stringify(before.records) === json;
}

/** Undefined where the records are no JSON: they are served, and not kept. */
function jsonOf(records: unknown): string | undefined {
  try {
    return JSON.stringify(records);
  } catch {
    return undefined;
  }
}
