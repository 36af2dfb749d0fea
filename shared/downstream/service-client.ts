import type { Clock } from '../clock.ts';
import { type AttemptResult, unsentResult } from './attempt-result.ts';
import { createAttemptTimeout } from './attempt-timeout.ts';
import { type CallAttemptsDeps, callAttempts } from './call-attempts.ts';
import { createCallRecorder } from './call-recorder.ts';
import { type CallScope, detachScope } from './call-scope.ts';
import { type CircuitBreaker, createCircuitBreaker, createNoBreaker, type Permit } from './circuit-breaker.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import type { InstanceAddress, InstanceSource } from './discovery.ts';
import type { Endpoint, EndpointCall, ServiceAnswer } from './endpoint.ts';
import type { DownstreamEvents } from './events.ts';
import { circuitOpenError, failureError, switchedOffError } from './failure.ts';
import { createHedgeLatencies } from './hedge-latencies.ts';
import type { InstancePool } from './instance-pool.ts';
import { createInstanceSet } from './instance-set.ts';
import { createLatencySkip, skipMinSamples } from './latency-skip.ts';
import { PendingCall } from './pending-call.ts';
import type { ServicePolicy } from './policy.ts';
import type { ServiceToken } from './request-headers.ts';
import { createRetryBudget } from './retry-budget.ts';
import { answerOf } from './service-answer.ts';
import { createModeSwitch, type ModeState, type ServiceMode } from './service-mode.ts';
import { createServiceStats, type ServiceSnapshot } from './service-stats.ts';
import type { StallMeter } from './stall-meter.ts';

export interface ServiceClientDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly stallMeter: StallMeter;
  readonly events: DownstreamEvents;
  readonly serviceToken: ServiceToken | undefined;
  openPool(address: InstanceAddress, policy: ServicePolicy): InstancePool;
}

/** One service, with every policy applied to each call. */
export interface ServiceClient {
  call(endpoint: Endpoint, call: EndpointCall, scope: CallScope): Promise<ServiceAnswer>;
  snapshot(): ServiceSnapshot;
  shouldSkip(leftMs: number): boolean;
  isAsked(): boolean;
  setMode(mode: ServiceMode, forMs: number): ModeState;
  close(): Promise<void>;
}

/**
 * Composes the policies. From the outside in, after the night switch:
 *
 *     deadline > breaker > retry and hedge (budget) > balancer > bulkhead > one attempt
 *
 * So an open breaker costs neither a retry nor a slot; the breaker counts a call once, however often it was tried; each
 * attempt goes to another instance; and no slot of the bulkhead is held while a retry waits.
 */
export function createServiceClient(
  service: string,
  deps: ServiceClientDeps,
  options: { readonly source: InstanceSource; readonly policy: ServicePolicy },
): ServiceClient {
  const { clock, events } = deps;
  const { policy } = options;
  const setting = { ...deps, maxBodyBytes: policy.maxBodyBytes };
  const stats = createServiceStats();
  const recorder = createCallRecorder(service, events);
  /** Calls wait for a first list until then; null before the first call that found none. */
  let listWaitEndsAtMs: number | null = null;
  const modeSwitch = createModeSwitch(clock, (change) => events.onModeChange?.({ service, ...change }));
  const breaker = createBreaker(service, deps, policy);
  const instances = createInstanceSet(service, setting, options);
  const limit = createConcurrencyLimit(clock, policy);
  const attempts: CallAttemptsDeps = {
    ...setting,
    service,
    policy,
    instances,
    limit,
    minAttemptMs: policy.minAttemptMs,
    timeout: createAttemptTimeout(policy),
    hedgeLatencies: createHedgeLatencies(),
    budget: createRetryBudget(clock, policy),
    onRepeat: () => stats.onRepeat(clock.nowMs()),
  };

  async function call(endpoint: Endpoint, call: EndpointCall, scope: CallScope): Promise<ServiceAnswer> {
    const pending = new PendingCall(endpoint, call, { scope, serviceToken: deps.serviceToken });
    checkSwitch(pending);
    checkDeadline(pending);

    const permit = breaker.enter();
    if (permit.kind === 'reject') throw circuitOpen(pending);
    if (permit.kind === 'probe' && !pending.isWrite) {
      // Whoever comes first is not made to wait for a service that was down a moment ago. A write has nothing to fall
      // back to, so it is its own probe.
      void probe(endpoint, call, { scope, permit });
      throw circuitOpen(pending);
    }
    if (pending.isWrite) return answerByDeadline(pending, permit);
    return answer(pending, await run(pending, permit));
  }

  /** @throws AppError where a night switch keeps the call in. */
  function checkSwitch(pending: PendingCall): void {
    const mode = modeSwitch.current();
    if (mode === 'normal' || (mode === 'fallback' && pending.isWrite)) return;
    reject(pending, 'switched-off');
    const retryAfterSeconds = Math.ceil(modeSwitch.state().leftMs / 1000);
    throw mode === 'off' ? switchedOffError(service, retryAfterSeconds) : circuitOpenError(service, retryAfterSeconds);
  }

  /** @throws AppError `DEADLINE_EXCEEDED` where too little is left for an attempt. */
  function checkDeadline(pending: PendingCall): void {
    if (pending.leftMs >= policy.minAttemptMs) return;
    reject(pending, 'deadline');
    throw failureError('deadline', { service });
  }

  function circuitOpen(pending: PendingCall) {
    reject(pending, 'circuit-open');
    return circuitOpenError(service, Math.max(1, Math.ceil(breaker.openForMs() / 1000)));
  }

  function reject(pending: PendingCall, outcome: 'switched-off' | 'circuit-open' | 'deadline'): void {
    const nowMs = clock.nowMs();
    stats.onRejected(nowMs);
    recorder.rejected(pending, outcome, nowMs);
  }

  /** One attempt in the background, which neither the client's going away nor its deadline ends. */
  async function probe(
    endpoint: Endpoint,
    call: EndpointCall,
    of: { scope: CallScope; permit: Permit },
  ): Promise<void> {
    const scope = detachScope(of.scope, { clock });
    await run(new PendingCall(endpoint, call, { scope, serviceToken: deps.serviceToken }), of.permit);
    scope.deadline.close();
  }

  /** The attempts of one call, and what they teach the breaker and the figures. Never rejects. */
  async function run(pending: PendingCall, permit: Permit): Promise<AttemptResult> {
    const startedAtMs = clock.nowMs();
    pending.listen();
    if (instances.list().length === 0) await waitForList(pending);
    const result = await makeAttempts(pending, permit.kind === 'probe' ? 1 : policy.attempts);
    pending.release();

    const nowMs = clock.nowMs();
    const durationMs = nowMs - startedAtMs;
    const verdict = pending.verdict(result);
    breaker.report(permit, verdict);
    // What says nothing of the service's health, as that there was nobody to ask, failed its caller all the same.
    if (result.failure !== 'cancelled') stats.onCall(result.failure === null, nowMs);
    if (verdict !== 'nothing') stats.onLatency(durationMs, nowMs);
    recorder.ended(pending, result, { startedAtMs, durationMs });
    return result;
  }

  /** A DNS name or a registry that has not answered yet is given the time of a connection, by all calls together. */
  async function waitForList(pending: PendingCall): Promise<void> {
    const nowMs = clock.nowMs();
    listWaitEndsAtMs ??= nowMs + policy.connectTimeoutMs;
    if (pending.interruption || nowMs >= listWaitEndsAtMs) return;
    await pending.pause(clock, listWaitEndsAtMs - nowMs, instances.ready);
  }

  function makeAttempts(pending: PendingCall, maxAttempts: number): Promise<AttemptResult> | AttemptResult {
    if (pending.interruption) return unsentResult(pending.interruption);
    if (instances.list().length === 0) return unsentResult('no-instance');
    return callAttempts(attempts, pending, maxAttempts);
  }

  /** A write's caller leaves at the deadline, not knowing its outcome, while the write goes on. */
  function answerByDeadline(pending: PendingCall, permit: Permit): Promise<ServiceAnswer> {
    const ended = run(pending, permit).then((result) => answer(pending, result));
    const left = new Promise<never>((_resolve, reject) => {
      pending.onInterrupted = (kind) => reject(failureError(kind, { service, isOutcomeUnknown: true }));
    });
    return Promise.race([ended, left]);
  }

  function answer(pending: PendingCall, result: AttemptResult): ServiceAnswer {
    return answerOf(pending, result, { service, wallMs: clock.wallMs() });
  }

  return {
    call,
    snapshot() {
      const nowMs = clock.nowMs();
      return {
        service,
        policy,
        mode: modeSwitch.state(),
        breaker: { state: breaker.state(), openForMs: breaker.openForMs() },
        instances: instances.list().map((instance) => instance.snapshot(nowMs)),
        inFlight: limit.inFlight,
        queued: limit.queued,
        ...stats.figures(nowMs),
      };
    },
    shouldSkip: createLatencySkip(() => stats.p95Ms(clock.nowMs(), skipMinSamples)),
    isAsked: () => modeSwitch.current() === 'normal' && breaker.openForMs() === 0,
    setMode(mode, forMs) {
      modeSwitch.set(mode, forMs);
      return modeSwitch.state();
    },
    close: () => instances.close(),
  };
}

function createBreaker(service: string, deps: ServiceClientDeps, policy: ServicePolicy): CircuitBreaker {
  if (!policy.hasBreaker) return createNoBreaker();
  const { clock, random, events } = deps;
  const onTransition: Parameters<typeof createCircuitBreaker>[0]['onTransition'] = (from, to, reason) =>
    events.onTransition?.({ service, from, to, reason });
  return createCircuitBreaker({ clock, random, onTransition }, policy);
}
