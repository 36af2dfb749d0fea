import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';

/** The time that one request's optional sections share, counted from the request's start. One timer a request, set when first needed. */
export class SectionBudget {
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  /** Whoever has its answer is still here and hears nothing any more: taking it out would cost more than the wait. */
  readonly #waiting: { readonly service: string; readonly leave: (error: AppError) => void }[] = [];
  readonly #services = new Set<string>();
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
    this.#services.add(service);
    this.#startTimer();
    return new Promise<T>((resolve, reject) => {
      answer.then(resolve, reject);
      // What is at hand is served all the same: it settles before any timer.
      if (this.#isOver) this.#clock.schedule(0, () => reject(timedOut(service)));
      else this.#waiting.push({ service, leave: reject });
    });
  }

  /** What is left for what is asked of this service; undefined while no section waits for it. */
  leftMs(service: string): number | undefined {
    return this.#services.has(service) ? Math.max(0, this.#endsAtMs - this.#clock.nowMs()) : undefined;
  }

  /** The request is over: nothing of it stays in a timer. */
  end(): void {
    this.#cancelTimer?.();
    this.#waiting.length = 0;
  }

  #startTimer(): void {
    if (this.#cancelTimer || this.#isOver) return;
    this.#cancelTimer = this.#clock.schedule(Math.max(0, this.#endsAtMs - this.#clock.nowMs()), () => {
      this.#isOver = true;
      for (const { service, leave } of this.#waiting) leave(timedOut(service));
      this.#waiting.length = 0;
    });
  }
}

function timedOut(service: string): AppError {
  return new AppError('DOWNSTREAM_TIMEOUT', `The ${service} service did not answer in time.`, { service });
}
