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
    const running = new Set([first]);
    const cancelTimer = options.clock.schedule(options.afterMs, () => {
      const second = options.second();
      if (second) follow(second);
    });

    function follow(attempt: HedgedAttempt): void {
      running.add(attempt);
      void attempt.ended.then((result) => {
        running.delete(attempt);
        // A failure before the hedge was due is for the retry to judge, with its wait.
        if (result.failure !== null && running.size > 0) return;
        cancelTimer();
        for (const loser of running) loser.outrun();
        resolve(result);
      });
    }

    follow(first);
  });
}
