import type { BreakerState } from './circuit-breaker.ts';
import type { FailureKind } from './failure.ts';
import type { ServiceMode } from './service-mode.ts';

/** One attempt that has ended. */
export interface AttemptEvent {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  /** Host and port; for logs and traces, never for a client. */
  readonly instance: string;
  /** 1 for the first of its call. */
  readonly attempt: number;
  readonly isHedge: boolean;
  readonly outcome: 'answer' | FailureKind;
  /** Why it failed, for the log; null for an answer. */
  readonly because: string | null;
  /** 0 where no answer came. */
  readonly status: number;
  readonly durationMs: number;
}

/** One call that has ended, all its attempts together; also those that were not let out. */
export interface CallEvent {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly keyCount: number;
  /** 0 where it was not let out, or found nobody to ask. */
  readonly attempts: number;
  readonly outcome: 'answer' | 'refused' | 'circuit-open' | 'switched-off' | FailureKind;
  /** 0 where no answer came. */
  readonly status: number;
  readonly durationMs: number;
}

/** What this part tells the composition root, which makes log lines, metrics, alerts and spans of it. */
export interface DownstreamEvents {
  onTransition?(event: { service: string; from: BreakerState; to: BreakerState; reason: string }): void;
  onAttempt?(event: AttemptEvent): void;
  onCall?(event: CallEvent): void;
  /** An attempt is about to be repeated. */
  onRetry?(event: { service: string; route: string; attempt: number; because: FailureKind; waitMs: number }): void;
  /** A repeat that the retry budget did not allow. */
  onRetryRefused?(event: { service: string; route: string }): void;
  onHedge?(event: { service: string; route: string; afterMs: number }): void;
  onEjection?(event: { service: string; instance: string; forMs: number }): void;
  /** An instance that its health checks take out or bring back. */
  onHealth?(event: { service: string; instance: string; isHealthy: boolean; because: string }): void;
  /** The list of instances has changed. */
  onInstances?(event: { service: string; instances: readonly string[] }): void;
  /** Where the instances are could not be found out. `hasList`: the last good list goes on; else there is nobody to ask. */
  onDiscoveryFailure?(event: { service: string; error: unknown; hasList: boolean }): void;
  /** It was found out again, for the first time after a failure. */
  onDiscoveryRecovery?(event: { service: string }): void;
  /** `isExpiry`: the switch ran out by itself. */
  onModeChange?(event: { service: string; from: ServiceMode; to: ServiceMode; forMs: number; isExpiry: boolean }): void;
}

/** The same listeners, none of which can break the call that it is told of: what one throws becomes a process warning. */
export function guardEvents(events: DownstreamEvents): DownstreamEvents {
  const guarded: Record<string, (event: never) => void> = {};
  for (const [name, listener] of Object.entries<((event: never) => void) | undefined>({ ...events })) {
    if (!listener) continue;
    guarded[name] = (event) => {
      try {
        listener(event);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : new Error(`${name} threw ${typeof error}`));
      }
    };
  }
  return guarded;
}
