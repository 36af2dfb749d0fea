import type { Entry } from './entry.ts';
import type { Flight } from './flight.ts';
import type { Generation } from './generations.ts';
import type { Outcome } from './sourced-records.ts';

/** Who is told when a call is settled. */
export interface CallWaiter {
  onSettled(call: KeyCall): void;
}

export type KeyCallStart = Pick<KeyCall, 'key' | 'asked' | 'flight' | 'generations' | 'kept'>;

/**
 * One key on its way from Redis or the service, for everybody who asks for it meanwhile. There is one for each key of each
 * batch, so whoever waits is told by a call of its own, and a promise is made only for those who want one.
 */
export class KeyCall {
  readonly key: string;
  /** What the read knows it by. */
  readonly asked: unknown;
  readonly flight: Flight;
  /** As they were before the service was asked; once one is dropped, nobody joins this call any more and its answer is not kept. */
  generations: readonly Generation[];
  /** The best that may stand in. */
  kept: Entry | undefined;
  /** How it ended; undefined until it has. */
  settled: Outcome | undefined = undefined;
  /** Whether somebody waits for it, so that it must not be left to another process. */
  isDemanded = false;
  /** Whether its service was asked for it, as far as no open breaker and no night switch was known to keep the call in. */
  wasAsked = false;
  /** Whether Redis had named all of its generations before the service was asked: what is named later may be younger than the answer. */
  wasNamed = true;
  /** Whether somebody waits for it for whom it is more than an option. */
  isNeeded = false;
  /** Whether somebody waits for it who may wait for another process that is asking already. */
  isAwaited = false;
  readonly #owner: CallWaiter;
  #waiters: CallWaiter[] | undefined = undefined;
  #demanded: PromiseWithResolvers<void> | undefined = undefined;

  /** A call nothing has been asked for yet; `owner` is told once, before anybody who waits. */
  constructor(start: KeyCallStart, owner: CallWaiter) {
    this.key = start.key;
    this.asked = start.asked;
    this.flight = start.flight;
    this.generations = start.generations;
    this.kept = start.kept;
    this.#owner = owner;
    start.flight.board();
  }

  get isSettled(): boolean {
    return this.settled !== undefined;
  }

  /** Never rejects. */
  get outcome(): Promise<Outcome> {
    if (this.settled !== undefined) return Promise.resolve(this.settled);
    return new Promise((resolve) => {
      this.tell({ onSettled: ({ settled }) => settled && resolve(settled) });
    });
  }

  /** Tells the waiter once it is settled, which it must not be yet. */
  tell(waiter: CallWaiter): void {
    if (this.#waiters === undefined) this.#waiters = [waiter];
    else this.#waiters.push(waiter);
  }

  settle(outcome: Outcome): void {
    if (this.settled !== undefined) return;
    this.settled = outcome;
    this.flight.alight();
    this.#owner.onSettled(this);
    if (this.#waiters === undefined) return;
    for (const waiter of this.#waiters) waiter.onSettled(this);
    this.#waiters = undefined;
  }

  /** Somebody waits for it; `isOption` where that is for a section. */
  demand(isOption: boolean): void {
    this.isDemanded = true;
    if (!isOption) this.isNeeded = true;
    this.#demanded?.resolve();
  }

  /** Resolves once somebody waits for it. */
  get demanded(): Promise<void> {
    if (this.#demanded === undefined) {
      this.#demanded = Promise.withResolvers();
      if (this.isDemanded) this.#demanded.resolve();
    }
    return this.#demanded.promise;
  }
}
