import type { Clock } from '../clock.ts';
import type { AttemptResult } from './attempt-result.ts';

export interface HedgedAttempt {
  readonly ended: Promise<AttemptResult>;
  /** The other one was quicker. */
  outrun(): void;
}

export interface HedgeOptions {
  readonly clock: Clock;
  readonly afterMs: number;
  /** Starts the second attempt; undefined where there is no budget or no time for it. */
  second(): HedgedAttempt | undefined;
}

/**
 * A read that is slow is asked a second time, of another instance where there is one, while the first goes on; the first good
 * answer is taken and the other given up. Resolves with a failure only when no attempt is left that could do better.
 */
export function hedgedRead(first: HedgedAttempt, options: HedgeOptions): Promise<AttemptResult> {
  return new Promise((resolve) => {
    let second: HedgedAttempt | undefined;
    let running = 1;
    const cancelTimer = options.clock.schedule(options.afterMs, () => {
      second = options.second();
      if (second === undefined) return;
      running += 1;
      void second.ended.then((result) => take(result, first));
    });

    function take(result: AttemptResult, other: HedgedAttempt | undefined): void {
      running -= 1;
      // A failure before the hedge was due is for the retry to judge, with its wait.
      if (result.failure !== null && running > 0) return;
      cancelTimer();
      if (running > 0) other?.outrun();
      resolve(result);
    }

    void first.ended.then((result) => take(result, second));
  });
}
