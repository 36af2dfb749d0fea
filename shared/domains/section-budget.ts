import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';

/** The time that one request's optional sections share, counted from the request's start. One timer a request, set when first needed. */
export class SectionBudget {
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  readonly #waiting = new Set<() => void>();
  #cancelTimer: (() => void) | undefined;
  #isOver = false;

  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#endsAtMs = clock.nowMs() + budgetMs;
  }

  /**
   * The section's answer, or a failure when the budget is over first; whoever else waits for that answer is not touched.
   *
   * @throws AppError `DOWNSTREAM_TIMEOUT`.
   */
  within<T>(answer: Promise<T>, service: string): Promise<T> {
    this.#startTimer();
    return new Promise<T>((resolve, reject) => {
      const leave = () => reject(timedOut(service));
      if (this.#isOver) return leave();
      this.#waiting.add(leave);
      answer.then(
        (value) => {
          this.#waiting.delete(leave);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(leave);
          reject(error instanceof Error ? error : new Error('A section failed without an error.', { cause: error }));
        },
      );
    });
  }

  /** The request is over: nothing of it stays in a timer. */
  end(): void {
    this.#cancelTimer?.();
    this.#waiting.clear();
  }

  #startTimer(): void {
    if (this.#cancelTimer || this.#isOver) return;
    this.#cancelTimer = this.#clock.schedule(Math.max(0, this.#endsAtMs - this.#clock.nowMs()), () => {
      this.#isOver = true;
      for (const leave of this.#waiting) leave();
      this.#waiting.clear();
    });
  }
}

function timedOut(service: string): AppError {
  return new AppError('DOWNSTREAM_TIMEOUT', `The ${service} service did not answer in time.`, { service });
}
