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

/** Starts a budget. The timer and the signal are made only when somebody looks at the signal: an answer from the cache needs neither. */
export function createDeadline(options: DeadlineOptions): OwnedDeadline {
  const clock = options.clock ?? systemClock;
  const endsAtMs = clock.nowMs() + options.budgetMs;
  const { parent } = options;
  let ending: Abort | undefined;
  let cancelTimer: (() => void) | undefined;
  let isCancelled = false;

  const onParentAbort = (): void => end(parent?.reason);

  function close(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    parent?.removeEventListener('abort', onParentAbort);
  }

  function end(reason: unknown): void {
    close();
    ending?.abort(reason);
  }

  function arm(): Abort {
    const armed = new Abort();
    ending = armed;
    if (isCancelled) armed.abort(clientGone());
    else if (parent?.aborted) armed.abort(parent.reason);
    else if (endsAtMs <= clock.nowMs()) armed.abort(deadlineExceeded());
    else {
      parent?.addEventListener('abort', onParentAbort);
      cancelTimer = clock.schedule(endsAtMs - clock.nowMs(), () => end(deadlineExceeded()));
    }
    return armed;
  }

  return {
    attemptCapMs: options.attemptCapMs ?? options.budgetMs / 2,
    get signal() {
      return ending ?? arm();
    },
    remainingMs: () => Math.max(0, endsAtMs - clock.nowMs()),
    cancel() {
      isCancelled = true;
      end(clientGone());
    },
    close,
  };
}

function deadlineExceeded(): AppError {
  return new AppError('DEADLINE_EXCEEDED', 'The request took longer than its deadline allows.');
}

function clientGone(): DOMException {
  return new DOMException('The client has gone away.', 'AbortError');
}
