import type { Clock } from '../clock.ts';
import type { ServicePolicy } from './policy.ts';
import { RollingCounts } from './rolling-counts.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What a call may do. A `probe` is the one call that tries whether the service is back. */
export interface Permit {
  readonly kind: 'pass' | 'probe' | 'reject';
}

/** What a call has shown. `nothing`: neither, as when its caller went away. */
export type Verdict = 'success' | 'failure' | 'nothing';

export interface CircuitBreaker {
  /** Asks for one call; its verdict must be reported with the same permit, unless that is `reject`. */
  enter(): Permit;
  report(permit: Permit, verdict: Verdict): void;
  state(): BreakerState;
  /** How long it stays open yet; 0 where it is not open. */
  openForMs(): number;
}

type BreakerPolicy = Pick<
  ServicePolicy,
  | 'breakerFailures'
  | 'breakerFailureRatio'
  | 'breakerWindowMs'
  | 'breakerOpenMs'
  | 'breakerOpenJitter'
  | 'breakerCloseAfter'
  | 'attemptTimeoutMs'
>;

export interface CircuitBreakerDeps {
  readonly clock: Clock;
  readonly random: () => number;
  onTransition(from: BreakerState, to: BreakerState, reason: string): void;
}

const success = 0;
const failure = 1;
const rejected: Permit = { kind: 'reject' };

/**
 * Closed until enough calls of the last seconds have failed; then open for a while; then half-open, where one call at a time
 * tries, under a lease: a probe that is never heard of again holds the others up for one attempt's time and no longer. It has
 * no timer: what time has brought is found out when somebody asks.
 *
 * A permit counts only in the state that gave it. So a failure that arrives in the instant of opening does not open again,
 * and a probe that answers after its lease decides nothing.
 */
export function createCircuitBreaker(deps: CircuitBreakerDeps, policy: BreakerPolicy): CircuitBreaker {
  const { clock, random } = deps;
  // A slot is how much sooner than promised a failure may be forgotten: with ten slots of a second, four a window apart went unseen.
  const counts = new RollingCounts({ windowMs: policy.breakerWindowMs, slots: 100, kinds: 2 });
  let state: BreakerState = 'closed';
  let pass: Permit = { kind: 'pass' };
  let probe: Permit | undefined;
  let openUntilMs = 0;
  let leaseUntilMs = 0;
  let successes = 0;

  function change(to: BreakerState, reason: string): void {
    const from = state;
    state = to;
    probe = undefined;
    successes = 0;
    counts.clear();
    if (to === 'closed') pass = { kind: 'pass' };
    if (to === 'open') {
      const jitter = 1 + policy.breakerOpenJitter * (2 * random() - 1);
      openUntilMs = clock.nowMs() + policy.breakerOpenMs * jitter;
    }
    deps.onTransition(from, to, reason);
  }

  function enterHalfOpen(nowMs: number): Permit {
    if (probe && nowMs < leaseUntilMs) return rejected;
    leaseUntilMs = nowMs + policy.attemptTimeoutMs;
    probe = { kind: 'probe' };
    return probe;
  }

  function reportPass(verdict: Verdict): void {
    const nowMs = clock.nowMs();
    counts.add(verdict === 'success' ? success : failure, nowMs);
    if (verdict === 'success') return;
    const failures = counts.total(failure, nowMs);
    const calls = failures + counts.total(success, nowMs);
    if (failures >= policy.breakerFailures && failures / calls >= policy.breakerFailureRatio) {
      change('open', `${failures} of ${calls} calls failed within ${policy.breakerWindowMs / 1000} s`);
    }
  }

  function reportProbe(verdict: Verdict): void {
    probe = undefined;
    if (verdict === 'failure') change('open', 'a probe failed');
    else if (verdict === 'success' && ++successes >= policy.breakerCloseAfter) {
      change('closed', `${successes} probes in a row succeeded`);
    }
  }

  return {
    enter() {
      if (state === 'closed') return pass;
      const nowMs = clock.nowMs();
      if (state === 'open') {
        if (nowMs < openUntilMs) return rejected;
        change('half-open', 'its time was over');
      }
      return enterHalfOpen(nowMs);
    },
    report(permit, verdict) {
      if (state === 'closed' && permit === pass && verdict !== 'nothing') reportPass(verdict);
      else if (state === 'half-open' && permit === probe) reportProbe(verdict);
    },
    state: () => state,
    openForMs: () => (state === 'open' ? Math.max(0, openUntilMs - clock.nowMs()) : 0),
  };
}

/** The breaker of a service whose policy has none. */
export function createNoBreaker(): CircuitBreaker {
  const pass: Permit = { kind: 'pass' };
  return { enter: () => pass, report: () => {}, state: () => 'closed', openForMs: () => 0 };
}
