import type { OpenSpan } from '../observability/request-trace.ts';
import { type AttemptResult, unsentResult, verdictOf } from './attempt-result.ts';
import type { AttemptTimeout } from './attempt-timeout.ts';
import type { ConcurrencyLimit, SlotWaiter } from './concurrency-limit.ts';
import type { Endpoint } from './endpoint.ts';
import type { DownstreamEvents } from './events.ts';
import { reasonOf } from './failure-reason.ts';
import { type ExchangeSetting, HttpExchange } from './http-exchange.ts';
import type { Instance } from './instance.ts';
import type { InstanceSet } from './instance-set.ts';
import type { LatencyWindow } from './latency-window.ts';
import type { Interruptible, Interruption, PendingCall } from './pending-call.ts';
import { setTimeLeft, setTraceparent } from './request-headers.ts';

export interface AttemptDeps extends ExchangeSetting {
  readonly service: string;
  readonly minAttemptMs: number;
  readonly instances: InstanceSet;
  readonly limit: ConcurrencyLimit;
  readonly timeout: AttemptTimeout;
  /** What an endpoint's hedges are timed by: of attempts, not of calls. Undefined for an endpoint that asks for none. */
  hedgeLatencies(endpoint: Endpoint): LatencyWindow | undefined;
  readonly events: DownstreamEvents;
}

/** One attempt: an instance from the balancer, a slot from the bulkhead, one exchange; and what it teaches each of them. */
export class RunningAttempt implements Interruptible, SlotWaiter {
  /** Never rejects. */
  readonly ended: Promise<AttemptResult>;
  readonly #deps: AttemptDeps;
  readonly #pending: PendingCall;
  readonly #number: number;
  readonly #isHedge: boolean;
  #instance: Instance | undefined = undefined;
  #exchange: HttpExchange | undefined = undefined;
  #limitMs = 0;
  /** Its wait for a slot included. */
  readonly #span: OpenSpan | undefined;
  #isOutrun = false;
  #resolve: (result: AttemptResult) => void = () => {};

  constructor(deps: AttemptDeps, pending: PendingCall, isHedge: boolean) {
    this.#deps = deps;
    this.#pending = pending;
    this.#number = ++pending.attempts;
    this.#isHedge = isHedge;
    this.#span = pending.span?.inside.begin(`${pending.endpoint.method} ${pending.endpoint.route}`, 'client');
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#choose();
  }

  /** Ends it from outside; a write that was sent goes on. */
  interrupt(kind: Interruption): void {
    if (this.#exchange) this.#exchange.interrupt(kind);
    else {
      this.#deps.limit.withdraw(this);
      this.#endUnsent(kind);
    }
  }

  /** Gives up for a quicker one, and counts as at least as slow as it was so far: the p95 of the winners alone would sink with every hedge. */
  outrun(): void {
    this.#isOutrun = true;
    this.interrupt('cancelled');
  }

  onTurn(isGranted: boolean): void {
    if (isGranted) this.#send();
    else this.#endUnsent('overloaded');
  }

  #choose(): void {
    const { instances, limit, clock } = this.#deps;
    this.#instance = instances.pick(this.#pending.tried, clock.nowMs());
    if (!this.#instance) {
      this.#endUnsent('no-instance');
      return;
    }
    this.#pending.tried.push(this.#instance);
    this.#pending.watch(this);
    switch (limit.join(this)) {
      case 'entered':
        this.#send();
        break;
      case 'full':
        this.#endUnsent('overloaded');
        break;
      case 'queued':
        break;
    }
  }

  #send(): void {
    const { minAttemptMs, limit, timeout } = this.#deps;
    const instance = this.#instance;
    const { leftMs, request, isIdempotent, scope } = this.#pending;
    if (!instance || leftMs < minAttemptMs) {
      limit.leave();
      this.#endUnsent('deadline');
      return;
    }
    setTimeLeft(request.headers, leftMs);
    if (this.#span !== undefined) setTraceparent(request.headers, this.#span.traceparent);
    instance.inFlight++;
    this.#exchange = new HttpExchange(this.#deps, request, (exchange) => this.#endSent(instance, exchange));
    // What ends it sooner is the call's signal, which moves on where others join with more time.
    this.#limitMs = Math.min(timeout.limitMs(isIdempotent), scope.attemptCapMs ?? Infinity);
    this.#exchange.start(instance.pool, this.#limitMs);
  }

  #endSent(instance: Instance, exchange: HttpExchange): void {
    const { instances, limit } = this.#deps;
    instance.inFlight--;
    limit.leave();
    this.#learn(instance, exchange);
    switch (verdictOf(exchange, this.#limitMs)) {
      case 'success':
        instances.onSuccess(instance);
        break;
      case 'failure':
        instances.onFailure(instance);
        break;
      case 'nothing':
        break;
    }
    this.#end(exchange);
  }

  #learn(instance: Instance, exchange: HttpExchange): void {
    const { clock, hedgeLatencies, timeout } = this.#deps;
    const nowMs = clock.nowMs();
    instance.latency.observe(exchange.durationMs, nowMs);
    // A refusal after one millisecond does not say how long an answer takes.
    const isTelling = exchange.failure === null || exchange.failure === 'timeout';
    if (isTelling || this.#isOutrun) hedgeLatencies(this.#pending.endpoint)?.record(exchange.durationMs, nowMs);
    if (isTelling) timeout.record(exchange.durationMs);
  }

  #endUnsent(failure: 'overloaded' | 'no-instance' | Interruption): void {
    this.#end(unsentResult(failure));
  }

  #end(result: AttemptResult): void {
    this.#pending.unwatch(this);
    this.#pending.note(result, this.#limitMs);
    this.#resolve(result);
    this.#report(result);
  }

  #report(result: AttemptResult): void {
    const { events, service } = this.#deps;
    this.#span?.end(
      {
        'peer.service': service,
        'server.address': this.#instance?.address.id ?? 'none',
        'http.response.status_code': result.status,
        'bff.attempt': this.#number,
        'bff.is_hedge': this.#isHedge,
      },
      result.failure ?? undefined,
    );
    events.onAttempt?.({
      service,
      method: this.#pending.endpoint.method,
      route: this.#pending.endpoint.route,
      instance: this.#instance?.address.id ?? 'none',
      attempt: this.#number,
      isHedge: this.#isHedge,
      outcome: result.failure ?? 'answer',
      because: result.failure === null ? null : reasonOf(result),
      status: result.status,
      durationMs: result.durationMs,
    });
  }
}
