import { Abort, type AbortSource } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { CacheAllowance, CacheWait } from './cache-wait.ts';
import type { ReadScope } from './cached-read.ts';

/** A deadline that is not one request's: it ends when everybody who waits has gone, or with the longest budget among them. */
export interface FlightDeadline {
  readonly signal: AbortSource;
  remainingMs(): number;
  /** What is left for the optional sections that wait; `Infinity` once anything else has waited too, or nobody waits. */
  sectionLeftMs(): number;
}

/** Whoever waits: how long, and whether that is for a section. */
export type Traveller = Pick<ReadScope, 'deadline' | 'sectionLeftMs' | 'cacheWait'>;

/**
 * The calls that one batch of due keys sets off, for everybody who waits for one of those keys. Nobody waits for it yet when it is
 * made, with what its first traveller has left: `join` or `hold` it before anything is awaited.
 */
export class Flight implements FlightDeadline {
  readonly #clock: Clock;
  readonly #signal = new Abort();
  readonly #allowances: CacheAllowance[] = [];
  #cacheWait: CacheWait | undefined = undefined;
  #waiting = 0;
  #isHeld = false;
  #endsAtMs: number;
  #sectionsEndAtMs: number;
  #cancelTimer: (() => void) | undefined = undefined;
  #hasLanded = false;
  #onBoard = 0;

  constructor(clock: Clock, first: Traveller) {
    this.#clock = clock;
    this.#endsAtMs = clock.nowMs() + first.deadline.remainingMs();
    this.#sectionsEndAtMs = this.#sectionEndOf(first);
    this.#watch();
  }

  get signal(): AbortSource {
    return this.#signal;
  }

  /** Whether it goes on whoever leaves: then only its own budget ends it. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  remainingMs(): number {
    return Math.max(0, this.#endsAtMs - this.#clock.nowMs());
  }

  sectionLeftMs(): number {
    return Math.max(0, this.#sectionsEndAtMs - this.#clock.nowMs());
  }

  /** One more waits, to the end of its own deadline. */
  join(traveller: Traveller): void {
    this.#waiting += 1;
    this.#allowances.push(traveller.cacheWait);
    this.#cacheWait?.charge(traveller.cacheWait);
    this.#sectionsEndAtMs = Math.max(this.#sectionsEndAtMs, this.#sectionEndOf(traveller));
    this.#extend(traveller.deadline.remainingMs());
  }

  /** A look-up begins, charged to all who wait. */
  beginCacheWait(wait: CacheWait): void {
    this.#cacheWait = wait;
    for (const allowance of this.#allowances) wait.charge(allowance);
  }

  /** One has gone; the last to go ends the flight, unless it is held. */
  leave(reason: unknown): void {
    this.#waiting -= 1;
    // Whoever leaves a flight that has landed has its answer: aborting then would build an exception for nobody.
    if (this.#waiting === 0 && !this.#isHeld && !this.#hasLanded) this.#signal.abort(reason);
  }

  /** Goes on for this long whoever leaves: someone was served what is kept, and this fills the cache for the next. */
  hold(forMs: number): void {
    this.#isHeld = true;
    this.#sectionsEndAtMs = Infinity;
    this.#extend(forMs);
  }

  /** One more call travels with it. */
  board(): void {
    this.#onBoard += 1;
  }

  /** One call is settled; with the last one the flight lands. */
  alight(): void {
    this.#onBoard -= 1;
    if (this.#onBoard === 0) this.land();
  }

  /** All is settled: frees the timer. */
  land(): void {
    this.#hasLanded = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #watch(): void {
    this.#cancelTimer = this.#clock.schedule(Math.max(1, this.#endsAtMs - this.#clock.nowMs()), () => {
      this.#cancelTimer = undefined;
      if (this.#clock.nowMs() < this.#endsAtMs) return this.#watch();
      this.#signal.abort(new AppError('DEADLINE_EXCEEDED', 'The time for this answer is over.'));
    });
  }

  #sectionEndOf({ sectionLeftMs }: Traveller): number {
    return sectionLeftMs === undefined ? Infinity : this.#clock.nowMs() + sectionLeftMs();
  }

  #extend(forMs: number): void {
    this.#endsAtMs = Math.max(this.#endsAtMs, this.#clock.nowMs() + forMs);
    if (this.#cancelTimer === undefined && !this.#hasLanded) this.#watch();
  }
}
