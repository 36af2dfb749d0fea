import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { settleItems } from '../graphql/batching.ts';

/** What the rest of an answer takes once its sections' time is over: 10 to 60 ms, measured with a service that hangs. */
const finishingMs = 60;

/**
 * The time that one request's optional sections share, counted from the request's start. They are waited for so much less that the
 * whole answer is there within it. One timer a request, set when first needed.
 */
export class SectionBudget {
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  readonly #onOver: () => void;
  /** Whoever has its answer is still here and hears nothing any more: taking it out would cost more than the wait. */
  readonly #waiting: { readonly service: string; readonly leave: (error: AppError) => void }[] = [];
  #cancelTimer: (() => void) | undefined;
  #isOver = false;
  #isAsking = false;

  /** `onOver`: whoever still waits is about to be told that it is over. */
  constructor(clock: Clock, budgetMs: number, onOver: () => void = () => {}) {
    this.#clock = clock;
    this.#onOver = onOver;
    this.#endsAtMs = clock.nowMs() + budgetMs - Math.min(finishingMs, budgetMs / 10);
  }

  /**
   * The section's answer, or a failure when the budget is over first; whoever else waits for that answer is not touched. What
   * `ask` asks for before it returns is asked for the section.
   *
   * @throws AppError `DOWNSTREAM_TIMEOUT`.
   */
  within<T>(service: string, ask: () => Promise<T>): Promise<T> {
    const answer = this.#ask(ask);
    this.#startTimer();
    return new Promise<T>((resolve, reject) => {
      answer.then(resolve, reject);
      this.#expect(service, reject);
    });
  }

  /**
   * As `within`, for the items of a list, waited for together: one that failed, or is not there when the budget is over, is an
   * `Error` in its place.
   */
  itemsWithin<T>(service: string, ask: () => readonly Promise<T>[]): Promise<T[]> {
    const items = this.#ask(ask);
    this.#startTimer();
    return settleItems(items, (leave) => this.#expect(service, leave));
  }

  /** Whether whoever asks at this moment asks for a section. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** Milliseconds that the sections may still take. */
  leftMs(): number {
    return Math.max(0, this.#endsAtMs - this.#clock.nowMs());
  }

  /** The request is over: nothing of it stays in a timer. */
  end(): void {
    this.#cancelTimer?.();
    this.#waiting.length = 0;
  }

  #expect(service: string, leave: (error: AppError) => void): void {
    // What is at hand is served all the same: it settles before any timer.
    if (this.#isOver) this.#clock.schedule(0, () => leave(timedOut(service)));
    else this.#waiting.push({ service, leave });
  }

  #ask<T>(ask: () => T): T {
    const wasAsking = this.#isAsking;
    this.#isAsking = true;
    try {
      return ask();
    } finally {
      this.#isAsking = wasAsking;
    }
  }

  #startTimer(): void {
    if (this.#cancelTimer || this.#isOver) return;
    this.#cancelTimer = this.#clock.schedule(this.leftMs(), () => {
      this.#isOver = true;
      this.#onOver();
      for (const { service, leave } of this.#waiting) leave(timedOut(service));
      this.#waiting.length = 0;
    });
  }
}

function timedOut(service: string): AppError {
  return new AppError('DOWNSTREAM_TIMEOUT', `The ${service} service did not answer in time.`, { service });
}
