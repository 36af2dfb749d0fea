import type { CallCounter } from './engine-context.ts';

/** One downstream call of an answer. */
export interface ReportedCall {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly keyCount: number;
  readonly attempts: number;
  /** The HTTP status, or the error's code. */
  readonly outcome: string;
  /** Since the request's start, in milliseconds. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly bytes: number;
}

/** One batched look-up in the cache: how many keys were fresh, revalidating, kept, default or missed. */
export interface ReportedLookup {
  readonly read: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** A way of asking that costs more than it must. */
export interface ReportFlag {
  readonly flag: 'N_PLUS_ONE' | 'AVOIDABLE_SEQUENCE';
  readonly service: string;
  readonly route: string;
  /** How many calls it took. */
  readonly calls: number;
  readonly advice: string;
}

/** Collects the downstream calls and cache look-ups of one answer; bounded. */
export interface AnswerReport extends CallCounter {
  readonly calls: readonly ReportedCall[];
  readonly lookups: readonly ReportedLookup[];
  add(call: ReportedCall): void;
  addCacheLookup(read: string, counts: Readonly<Record<string, number>>): void;
  findFlags(): readonly ReportFlag[];
}

/** Told of a look-up as it ends. */
export type LookupListener = (read: string, counts: ReportedLookup['counts']) => void;

/** The longest lists that a report holds; past it calls are only counted. */
const maxListed = 100;

/** An empty report, for one request. */
export function createCallReport(onLookup?: LookupListener): AnswerReport {
  const calls: ReportedCall[] = [];
  const lookups: ReportedLookup[] = [];
  const report = {
    calls,
    lookups,
    callCount: 0,
    sentCount: 0,
    add(call: ReportedCall) {
      report.callCount += 1;
      if (call.attempts > 0) report.sentCount += 1;
      if (calls.length < maxListed) calls.push(call);
    },
    addCacheLookup(read: string, counts: ReportedLookup['counts']) {
      onLookup?.(read, counts);
      if (lookups.length < maxListed) lookups.push({ read, counts });
    },
    findFlags: () => findFlags(calls),
    slowReason: (durationMs: number) => findSlowReason(calls, durationMs),
    toJSON: () => ({ callCount: report.callCount, calls, lookups, flags: findFlags(calls) }),
  };
  return report;
}

/** From this many calls of one key each on, a route is asked item by item. */
const minItemCalls = 3;

function findFlags(calls: readonly ReportedCall[]): ReportFlag[] {
  const flags: ReportFlag[] = [];
  const reads = calls.filter(({ method }) => method === 'GET');
  for (const same of Map.groupBy(reads, ({ service, route }) => `${service} ${route}`).values()) {
    const [first] = same;
    if (first === undefined) continue;
    const { service, route } = first;
    const single = same.filter(({ keyCount }) => keyCount <= 1).length;
    if (single >= minItemCalls) {
      const advice = 'Ask for all keys in one call: give the read a batch endpoint and load it through its loader.';
      flags.push({ flag: 'N_PLUS_ONE', service, route, calls: single, advice });
    }
    const inTurn = countInTurn(same);
    if (inTurn > 1) {
      const advice = 'These calls waited for one another: start them together, so that they become one batch.';
      flags.push({ flag: 'AVOIDABLE_SEQUENCE', service, route, calls: inTurn, advice });
    }
  }
  return flags;
}

/** How many of the calls began only after another of them had ended, the first one included. */
function countInTurn(calls: readonly ReportedCall[]): number {
  let turns = 0;
  let endedMs = Number.NEGATIVE_INFINITY;
  for (const call of calls.toSorted((a, b) => a.startedMs - b.startedMs)) {
    if (call.startedMs < endedMs) continue;
    turns += 1;
    endedMs = call.startedMs + call.durationMs;
  }
  return turns;
}

/** The service whose calls took longest; `own` where most of the time was spent here. */
function findSlowReason(calls: readonly ReportedCall[], durationMs: number): string {
  const waits = new Map<string, number>();
  for (const { service, durationMs: callMs } of calls) waits.set(service, Math.max(waits.get(service) ?? 0, callMs));
  const [slowest] = [...waits].toSorted(([, a], [, b]) => b - a);
  if (slowest === undefined || slowest[1] < durationMs / 4) return 'own';
  return slowest[0];
}
