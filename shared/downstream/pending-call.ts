import type { Clock } from '../clock.ts';
import type { OpenSpan } from '../observability/request-trace.ts';
import { type AttemptResult, mayHaveActed, verdictOf } from './attempt-result.ts';
import type { CallScope } from './call-scope.ts';
import type { Verdict } from './circuit-breaker.ts';
import { isDeadlineReason } from './deadline.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import type { WireRequest } from './http-exchange.ts';
import type { Instance } from './instance.ts';
import { requestHeaders, type ServiceToken } from './request-headers.ts';
import { requestTargetOf } from './request-target.ts';

export type Interruption = 'deadline' | 'cancelled';

/** Anything that a call may be waiting for. */
export interface Interruptible {
  interrupt(kind: Interruption): void;
}

/**
 * One call on its way through the policies: what is asked, what has been tried, and what it waits for at the moment. It is
 * itself the one listener to the scope's signal, whatever it waits for.
 */
export class PendingCall {
  readonly endpoint: Endpoint;
  readonly call: EndpointCall;
  readonly scope: CallScope;
  readonly request: WireRequest;
  readonly isIdempotent: boolean;
  /** Attempts that were started, hedges included. */
  attempts = 0;
  readonly tried: Instance[] = [];
  /** Undefined where the request is not traced. */
  readonly span: OpenSpan | undefined;
  /** Why no further attempt may start. */
  interruption: Interruption | null = null;
  /** Whether one of its attempts showed the service to be unwell. */
  sawFailure = false;
  /** Whether it is a write that one of its attempts may have done. */
  mayHaveActed = false;
  /** Told of an interruption that could not end the call: a write that was sent goes on without its caller. */
  onInterrupted: ((kind: Interruption) => void) | undefined = undefined;
  /** Two at most: an attempt and its hedge. */
  readonly #waitingFor: Interruptible[] = [];

  /** @throws AppError `BAD_USER_INPUT` for a value that cannot be sent. */
  constructor(
    endpoint: Endpoint,
    call: EndpointCall,
    from: { scope: CallScope; serviceToken: ServiceToken | undefined },
  ) {
    const target = requestTargetOf(endpoint);
    this.endpoint = endpoint;
    this.call = call;
    this.scope = from.scope;
    this.span = from.scope.trace?.begin(`call ${endpoint.method} ${endpoint.route}`, 'internal');
    this.isIdempotent = !target.isWrite || endpoint.isIdempotent === true || call.idempotencyKey !== undefined;
    this.request = {
      method: endpoint.method,
      path: target.pathOf(call),
      headers: requestHeaders(endpoint, call, from),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      answers: endpoint.answers,
      isWrite: target.isWrite,
    };
  }

  get isWrite(): boolean {
    return this.request.isWrite;
  }

  get leftMs(): number {
    return this.scope.deadline.remainingMs();
  }

  /** What is left for the optional sections that ask; `Infinity` where anything else does too. */
  get sectionLeftMs(): number {
    return this.scope.deadline.sectionLeftMs?.() ?? Infinity;
  }

  /** Starts to listen for the deadline's end and the client's going away. */
  listen(): void {
    const { signal } = this.scope.deadline;
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener('abort', this);
  }

  /** Stops listening; to be called once the call has ended. */
  release(): void {
    this.scope.deadline.signal.removeEventListener('abort', this);
  }

  handleEvent(): void {
    const kind = isDeadlineReason(this.scope.deadline.signal.reason) ? 'deadline' : 'cancelled';
    this.interruption = kind;
    for (const waited of this.#waitingFor.slice()) waited.interrupt(kind);
    if (this.#waitingFor.length > 0) this.onInterrupted?.(kind);
  }

  /** What `interrupt` is passed on to until `unwatch`. */
  watch(waited: Interruptible): void {
    this.#waitingFor.push(waited);
  }

  unwatch(waited: Interruptible): void {
    const at = this.#waitingFor.indexOf(waited);
    if (at >= 0) this.#waitingFor.splice(at, 1);
  }

  /** What the whole call has shown: a call is counted once, however often it was tried. */
  verdict(result: AttemptResult): Verdict {
    if (result.failure === null) return 'success';
    // The client's own leaving says nothing, whatever came before it.
    return this.sawFailure && result.failure !== 'cancelled' ? 'failure' : 'nothing';
  }

  /** Takes in what an attempt has shown. */
  note(result: AttemptResult, attemptTimeoutMs: number): void {
    if (verdictOf(result, attemptTimeoutMs) === 'failure') this.sawFailure = true;
    if (this.isWrite && mayHaveActed(result)) this.mayHaveActed = true;
  }

  /** Waits for so long, or until something has happened, or the call is interrupted. */
  pause(clock: Clock, delayMs: number, until?: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const waited = { interrupt: () => end() };
      const cancelTimer = clock.schedule(delayMs, () => end());
      const end = (): void => {
        cancelTimer();
        this.unwatch(waited);
        resolve();
      };
      this.watch(waited);
      void until?.then(end);
    });
  }
}
