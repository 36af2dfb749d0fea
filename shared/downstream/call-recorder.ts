import type { AttemptResult } from './attempt-result.ts';
import type { CallEvent, DownstreamEvents } from './events.ts';
import { failureCode } from './failure.ts';
import type { PendingCall } from './pending-call.ts';
import { isRefusal } from './service-answer.ts';

/** When a call started, and how long it took. */
export interface CallTime {
  readonly startedAtMs: number;
  readonly durationMs: number;
}

/** Writes calls into the report of their request and tells the events of them. */
export interface CallRecorder {
  /** A call that was let out. */
  ended(pending: PendingCall, result: AttemptResult, time: CallTime): void;
  /** A call that was not. */
  rejected(pending: PendingCall, outcome: 'circuit-open' | 'switched-off' | 'deadline', atMs: number): void;
}

export function createCallRecorder(service: string, events: DownstreamEvents): CallRecorder {
  function record(
    pending: PendingCall,
    outcome: CallEvent['outcome'],
    of: CallTime & { status: number; bytes: number },
  ): void {
    const { endpoint, call, scope, attempts } = pending;
    const { status, startedAtMs, durationMs, bytes } = of;
    const { method, route } = endpoint;
    const keyCount = call.keyCount ?? 1;
    const shown = shownOutcome(outcome, status);
    scope.report.add({
      service,
      method,
      route,
      keyCount,
      attempts,
      outcome: shown,
      startedMs: startedAtMs - (scope.startedAtMs ?? startedAtMs),
      durationMs,
      bytes,
    });
    const isGood = outcome === 'answer' || outcome === 'refused';
    pending.span?.end(
      { 'peer.service': service, 'bff.keys': keyCount, 'bff.attempts': attempts, 'bff.outcome': shown },
      isGood ? undefined : shown,
    );
    events.onCall?.({ service, method, route, keyCount, attempts, outcome, status, durationMs });
  }

  return {
    ended(pending, result, time) {
      const { failure, status, bytes } = result;
      const answered = isRefusal(pending.endpoint, status) ? 'refused' : 'answer';
      record(pending, failure ?? answered, { status, bytes, ...time });
    },
    rejected(pending, outcome, atMs) {
      record(pending, outcome, { status: 0, bytes: 0, startedAtMs: atMs, durationMs: 0 });
    },
  };
}

function shownOutcome(outcome: CallEvent['outcome'], status: number): string {
  switch (outcome) {
    case 'answer':
    case 'refused':
    case 'server-error':
    case 'rate-limited':
      return String(status);
    case 'circuit-open':
      return 'CIRCUIT_OPEN';
    case 'switched-off':
      return 'SWITCHED_OFF';
    default:
      return failureCode(outcome);
  }
}
