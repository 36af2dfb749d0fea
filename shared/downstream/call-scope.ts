import { type Clock, systemClock } from '../clock.ts';
import type { RequestTrace } from '../observability/request-trace.ts';
import { createDeadline, type Deadline, type OwnedDeadline } from './deadline.ts';

/** What every downstream call of one GraphQL request shares: its budget, its identity, its traces. One object a request. */
export interface CallScope {
  readonly deadline: Deadline;
  /** The signed-in viewer's id; null for an anonymous request. */
  readonly viewerId: string | null;
  /** What the viewer's token allows, in one form for all tokens that allow the same. */
  readonly grants?: string | undefined;
  /** The viewer's own `Authorization` header, sent where an endpoint's identity is `viewer`; null for an anonymous request. */
  readonly authorization: string | null;
  /** Goes down as `x-correlation-id`. */
  readonly correlationId: string;
  /** W3C trace context of the current span; goes down as `traceparent`. */
  readonly traceparent: string | undefined;
  /** What the systems before us carry along; goes down as it came. */
  readonly tracestate?: string | null | undefined;
  /** Where calls and attempts write their spans; undefined where the request is not traced. */
  readonly trace?: RequestTrace | undefined;
  /** Milliseconds that this request may still wait for Redis, all its reads together. */
  readonly cacheWait: { leftMs: number };
  /** Milliseconds that the request's optional sections may still take; there only where a section asks. */
  readonly sectionLeftMs?: () => number;
  readonly report: CallReport;
  /** When the request started, on the clock's monotonic side; what `CallRecord.startedMs` counts from. */
  readonly startedAtMs?: number;
  /** No single attempt takes longer than this: half of the profile's deadline, so that a hang leaves room for a retry. A scope with a deadline of its own has none. */
  readonly attemptCapMs?: number;
}

/** One downstream call of an answer, as `extensions.report` lists it. */
export interface CallRecord {
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

/** Collects the downstream calls and cache look-ups of one answer; bounded. */
export interface CallReport {
  add(record: CallRecord): void;
  /** One batched look-up in the cache: how many of its keys were fresh, revalidating, kept, default or missed. */
  addCacheLookup(read: string, counts: Readonly<Record<string, number>>): void;
}

export interface CallScopeOptions {
  readonly deadline: Deadline;
  readonly viewerId: string | null;
  readonly grants?: string | undefined;
  readonly authorization: string | null;
  readonly correlationId: string;
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | null | undefined;
  readonly trace?: RequestTrace | undefined;
  /** For all of this request's waits on Redis together. */
  readonly cacheWaitMs?: number | undefined;
  readonly report?: CallReport | undefined;
  readonly clock?: Clock;
}

/** One slow Redis must cost a request this much and no more, however many reads it has. */
const defaultCacheWaitMs = 100;

/** Background work answers nobody, so it has the time of the longest policy: three attempts of 5 s would not be cut in the middle of the second. */
const detachedBudgetMs = 10_000;

/** The scope of one GraphQL request. */
export function createCallScope(options: CallScopeOptions): CallScope {
  return {
    deadline: options.deadline,
    viewerId: options.viewerId,
    grants: options.grants,
    authorization: options.authorization,
    correlationId: options.correlationId,
    traceparent: options.traceparent,
    tracestate: options.tracestate ?? null,
    trace: options.trace,
    cacheWait: { leftMs: options.cacheWaitMs ?? defaultCacheWaitMs },
    report: options.report ?? silentReport,
    startedAtMs: (options.clock ?? systemClock).nowMs(),
    attemptCapMs: options.deadline.attemptCapMs ?? Infinity,
  };
}

export interface DetachOptions {
  readonly budgetMs?: number;
  readonly clock?: Clock;
}

/** A scope whose deadline its owner may cancel, for instance when the last of several waiters has gone. */
export interface DetachedScope extends CallScope {
  readonly deadline: OwnedDeadline;
}

/**
 * The same identity and traces with a fresh budget of their own, for work that outlives the request: a background refresh,
 * a breaker's probe. The client's going away does not end it, and the request's report does not list it.
 */
export function detachScope(scope: CallScope, options: DetachOptions = {}): DetachedScope {
  const clock = options.clock ?? systemClock;
  return {
    deadline: createDeadline({ budgetMs: options.budgetMs ?? detachedBudgetMs, clock }),
    viewerId: scope.viewerId,
    authorization: scope.authorization,
    correlationId: scope.correlationId,
    traceparent: scope.traceparent,
    tracestate: scope.tracestate ?? null,
    trace: scope.trace,
    cacheWait: { leftMs: defaultCacheWaitMs },
    report: silentReport,
    startedAtMs: clock.nowMs(),
  };
}

const silentReport: CallReport = { add() {}, addCacheLookup() {} };
