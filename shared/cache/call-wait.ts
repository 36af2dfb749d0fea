import type { AbortSource } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { Ending } from './bounded-wait.ts';
import type { CallWaiter, KeyCall } from './key-call.ts';

export interface CallWaitBounds {
  readonly clock: Clock;
  readonly signal: AbortSource;
  readonly limitMs?: number | undefined;
}

/** Waits until all of these calls are settled, at most `limitMs`, and no longer than the signal allows; leaves no timer and no listener. */
export function waitForCalls(calls: readonly KeyCall[], bounds: CallWaitBounds): Promise<Ending> {
  return new Promise((resolve) => new CallWait(resolve).begin(calls, bounds));
}

/** One wait for a whole batch: a promise for each of its keys would cost more than all else that is done for a miss. */
class CallWait implements CallWaiter {
  readonly #resolve: (ending: Ending) => void;
  #left = 0;
  #signal: AbortSource | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(resolve: (ending: Ending) => void) {
    this.#resolve = resolve;
  }

  begin(calls: readonly KeyCall[], { clock, signal, limitMs }: CallWaitBounds): void {
    if (signal.aborted) {
      this.#resolve('aborted');
      return;
    }
    for (const call of calls) {
      if (call.isSettled) continue;
      this.#left += 1;
      call.tell(this);
    }
    if (this.#left === 0) {
      this.#resolve('settled');
      return;
    }
    this.#signal = signal;
    signal.addEventListener('abort', this);
    if (limitMs !== undefined) this.#cancelTimer = clock.schedule(limitMs, () => this.#end('limit'));
  }

  onSettled(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#end('settled');
  }

  /** The signal has ended it. */
  handleEvent(): void {
    this.#end('aborted');
  }

  #end(ending: Ending): void {
    this.#cancelTimer?.();
    this.#signal?.removeEventListener('abort', this);
    this.#resolve(ending);
  }
}
