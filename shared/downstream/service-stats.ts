import type { BreakerState } from './circuit-breaker.ts';
import type { InstanceSnapshot } from './instance.ts';
import { LatencyWindow } from './latency-window.ts';
import type { ServicePolicy } from './policy.ts';
import { RollingCounts } from './rolling-counts.ts';
import type { ModeState } from './service-mode.ts';

/** What the calls of the last 60 s came to. */
export interface CallFigures {
  /** Calls that were let out and have ended, but for those whose caller left. */
  readonly calls: number;
  /** Calls that were not: an open breaker, a night switch, too little time. */
  readonly rejected: number;
  /** Repeats and hedges. */
  readonly retries: number;
  /** Shares of `calls`, 0 to 1; 1 and 0 where there were none. A refusal (4xx) is a success; nobody to ask, or no time, is an error. */
  readonly successRate: number;
  readonly errorRate: number;
  /** Of the calls that show how long the service takes, their repeats included; undefined where there were none. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
}

/** The state of one service, for `GET /health`. */
export interface ServiceSnapshot extends CallFigures {
  readonly service: string;
  readonly policy: ServicePolicy;
  readonly mode: ModeState;
  readonly breaker: { readonly state: BreakerState; readonly openForMs: number };
  readonly instances: readonly InstanceSnapshot[];
  /** Attempts under way, and those that wait for a slot. */
  readonly inFlight: number;
  readonly queued: number;
}

export interface ServiceStats {
  onCall(isSuccess: boolean, nowMs: number): void;
  /** How long a call took that says something of the service. */
  onLatency(durationMs: number, nowMs: number): void;
  onRejected(nowMs: number): void;
  onRepeat(nowMs: number): void;
  figures(nowMs: number): CallFigures;
  /** The p95 of the last 60 s; undefined below `minSamples`. */
  p95Ms(nowMs: number, minSamples: number): number | undefined;
}

const kinds = { success: 0, failure: 1, rejected: 2, repeat: 3 };

/** What is known of a service's calls in the last 60 s; a call costs three increments. */
export function createServiceStats(): ServiceStats {
  const counts = new RollingCounts({ windowMs: 60_000, slots: 12, kinds: 4 });
  const latencies = new LatencyWindow();

  function latencyFigures(nowMs: number): CallFigures['latencyMs'] {
    const p50 = latencies.quantile(0.5, nowMs);
    const p95 = latencies.quantile(0.95, nowMs);
    const p99 = latencies.quantile(0.99, nowMs);
    return p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 };
  }

  return {
    onCall: (isSuccess, nowMs) => counts.add(isSuccess ? kinds.success : kinds.failure, nowMs),
    onLatency: (durationMs, nowMs) => latencies.record(durationMs, nowMs),
    onRejected: (nowMs) => counts.add(kinds.rejected, nowMs),
    onRepeat: (nowMs) => counts.add(kinds.repeat, nowMs),
    figures(nowMs) {
      const failures = counts.total(kinds.failure, nowMs);
      const calls = failures + counts.total(kinds.success, nowMs);
      const errorRate = calls === 0 ? 0 : failures / calls;
      return {
        calls,
        rejected: counts.total(kinds.rejected, nowMs),
        retries: counts.total(kinds.repeat, nowMs),
        successRate: 1 - errorRate,
        errorRate,
        latencyMs: latencyFigures(nowMs),
      };
    },
    p95Ms: (nowMs, minSamples) => latencies.quantile(0.95, nowMs, minSamples),
  };
}
