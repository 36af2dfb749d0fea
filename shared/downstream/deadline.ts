import { Abort, type AbortSource } from '../abort.ts';
import { type Clock, systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';

/** The time that is left for something, and the signal that ends it. */
export interface Deadline {
  /** Aborts when the time is over (reason: an `AppError` `DEADLINE_EXCEEDED`) or the client has gone away. */
  readonly signal: AbortSource;
  /** What a scope that is made with this deadline takes as the longest that one attempt may last. */
  readonly attemptCapMs?: number;
  /** Never negative. */
  remainingMs(): number;
  /** What is left for the optional sections that ask under it; `Infinity` where anything else does too. */
  sectionLeftMs?(): number;
}

/** A deadline with its owner's side. */
export interface OwnedDeadline extends Deadline {
  readonly attemptCapMs: number;
  /** Ends everything under this deadline now, because whoever asked has gone away. */
  cancel(): void;
  /** Lets go of the timer and the parent once nobody waits any more; calls under way end by their own timeouts. */
  close(): void;
}

export interface DeadlineOptions {
  /** What is left now, in milliseconds: the profile's deadline, or less where the client asked for less. */
  readonly budgetMs: number;
  /** Half of `budgetMs` where not given; a request whose client lowered the budget passes half of the profile's. */
  readonly attemptCapMs?: number;
  /** Ends this one with it: the client's going away. */
  readonly parent?: AbortSource;
  readonly clock?: Clock;
}

/** Whether a signal was ended by time rather than by the client's going away. */
export function isDeadlineReason(reason: unknown): boolean {
  return reason instanceof AppError && reason.code === 'DEADLINE_EXCEEDED';
}

/** Starts a budget. */
export function createDeadline(options: DeadlineOptions): OwnedDeadline {
  return new Budget(options);
}

/** The timer and the signal are made only when somebody looks at the signal: an answer from the cache needs neither. */
class Budget implements OwnedDeadline {
  readonly attemptCapMs: number;
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  readonly #parent: AbortSource | undefined;
  #ending: Abort | undefined;
  #cancelTimer: (() => void) | undefined;
  #isCancelled = false;

  constructor(options: DeadlineOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#endsAtMs = this.#clock.nowMs() + options.budgetMs;
    this.#parent = options.parent;
    this.attemptCapMs = options.attemptCapMs ?? options.budgetMs / 2;
  }

  get signal(): AbortSource {
    return this.#ending ?? this.#arm();
  }

  remainingMs(): number {
    return Math.max(0, this.#endsAtMs - this.#clock.nowMs());
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#end(clientGone());
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#parent?.removeEventListener('abort', this);
  }

  /** The parent has ended. */
  handleEvent(): void {
    this.#end(this.#parent?.reason);
  }

  #end(reason: unknown): void {
    this.close();
    this.#ending?.abort(reason);
  }

  #arm(): Abort {
    const armed = new Abort();
    this.#ending = armed;
    if (this.#isCancelled) armed.abort(clientGone());
    else if (this.#parent?.aborted) armed.abort(this.#parent.reason);
    else if (this.remainingMs() <= 0) armed.abort(deadlineExceeded());
    else {
      this.#parent?.addEventListener('abort', this);
      this.#cancelTimer = this.#clock.schedule(this.remainingMs(), () => this.#end(deadlineExceeded()));
    }
    return armed;
  }
}

function deadlineExceeded(): AppError {
  return new AppError('DEADLINE_EXCEEDED', 'The request took longer than its deadline allows.');
}

function clientGone(): DOMException {
  return new DOMException('The client has gone away.', 'AbortError');
}
