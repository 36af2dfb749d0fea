import type { Verdict } from './circuit-breaker.ts';
import type { FailureKind } from './failure.ts';

/** What became of one attempt. An `HttpExchange` is one itself; what never left this process has one of its own. */
export interface AttemptResult {
  /** Null for an answer, a refusal (4xx) included. */
  readonly failure: FailureKind | null;
  /** 0 where no answer came. */
  readonly status: number;
  readonly body: unknown;
  readonly bytes: number;
  readonly retryAfterMs: number | undefined;
  readonly cause: unknown;
  /** Whether the service may have acted on it. */
  readonly wasSent: boolean;
  /** Without the time that this process did not listen. */
  readonly durationMs: number;
}

/** The result of an attempt that never left this process. */
export function unsentResult(failure: FailureKind): AttemptResult {
  return {
    failure,
    status: 0,
    body: undefined,
    bytes: 0,
    retryAfterMs: undefined,
    cause: undefined,
    wasSent: false,
    durationMs: 0,
  };
}

/** An attempt that the request's deadline cut short says something about the service only if it had this long. */
const tellingMs = 1000;

/** What an attempt shows of the service and the instance. */
export function verdictOf(result: AttemptResult, attemptTimeoutMs: number): Verdict {
  switch (result.failure) {
    case null:
      return 'success';
    case 'network':
    case 'timeout':
    case 'server-error':
    case 'unreadable':
      return 'failure';
    case 'deadline':
      // A slow hop before this one must not open the next hop's breaker.
      return result.wasSent && result.durationMs >= Math.min(attemptTimeoutMs, tellingMs) ? 'failure' : 'nothing';
    case 'cancelled':
    case 'rate-limited':
    case 'overloaded':
    case 'no-instance':
    case 'invalid':
      return 'nothing';
  }
}

/** Whether a write that ended like this may have been done all the same: its answer was lost on the way or behind a gateway. */
export function mayHaveActed(result: AttemptResult): boolean {
  if (!result.wasSent) return false;
  switch (result.failure) {
    case 'network':
    case 'timeout':
    case 'deadline':
    case 'cancelled':
      return true;
    case 'unreadable':
      return result.status < 300;
    case 'server-error':
      return result.status === 502 || result.status === 504;
    case 'rate-limited':
    case 'overloaded':
    case 'no-instance':
    case 'invalid':
    case null:
      return false;
  }
}
