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

/** The calls that one batch of due keys sets off, for everybody who waits for one of those keys. */
export interface Flight {
  readonly deadline: FlightDeadline;
  /** A look-up begins, charged to all who wait. */
  beginCacheWait(wait: CacheWait): void;
  /** One more waits, to the end of its own deadline. */
  join(traveller: Traveller): void;
  /** One has gone; the last to go ends the flight, unless it is held. */
  leave(reason: unknown): void;
  /** Goes on for this long whoever leaves: someone was served what is kept, and this fills the cache for the next. */
  hold(forMs: number): void;
  /** One more call travels with it. */
  board(): void;
  /** One call is settled; with the last one the flight lands. */
  alight(): void;
  /** All is settled: frees the timer. */
  land(): void;
}

/** A flight nobody waits for yet, with what its first traveller has left: `join` or `hold` it before anything is awaited. */
export function createFlight(clock: Clock, first: Traveller): Flight {
  const signal = new Abort();
  let waiting = 0;
  let cacheWait: CacheWait | undefined;
  const allowances: CacheAllowance[] = [];
  let isHeld = false;
  let endsAtMs = clock.nowMs() + first.deadline.remainingMs();
  let sectionsEndAtMs = sectionEndOf(first);
  let cancelTimer: (() => void) | undefined;
  let hasLanded = false;
  let onBoard = 0;

  function watch(): void {
    cancelTimer = clock.schedule(Math.max(1, endsAtMs - clock.nowMs()), () => {
      cancelTimer = undefined;
      if (clock.nowMs() < endsAtMs) return watch();
      signal.abort(new AppError('DEADLINE_EXCEEDED', 'The time for this answer is over.'));
    });
  }

  function sectionEndOf({ sectionLeftMs }: Traveller): number {
    return sectionLeftMs === undefined ? Infinity : clock.nowMs() + sectionLeftMs();
  }

  function extend(forMs: number): void {
    endsAtMs = Math.max(endsAtMs, clock.nowMs() + forMs);
    if (cancelTimer === undefined && !hasLanded) watch();
  }

  watch();
  const flight: Flight = {
    deadline: {
      signal,
      remainingMs: () => Math.max(0, endsAtMs - clock.nowMs()),
      sectionLeftMs: () => Math.max(0, sectionsEndAtMs - clock.nowMs()),
    },
    join(traveller) {
      waiting += 1;
      allowances.push(traveller.cacheWait);
      cacheWait?.charge(traveller.cacheWait);
      sectionsEndAtMs = Math.max(sectionsEndAtMs, sectionEndOf(traveller));
      extend(traveller.deadline.remainingMs());
    },
    beginCacheWait(wait) {
      cacheWait = wait;
      for (const allowance of allowances) wait.charge(allowance);
    },
    leave(reason) {
      waiting -= 1;
      // Whoever leaves a flight that has landed has its answer: aborting then would build an exception for nobody.
      if (waiting === 0 && !isHeld && !hasLanded) signal.abort(reason);
    },
    hold(forMs) {
      isHeld = true;
      sectionsEndAtMs = Infinity;
      extend(forMs);
    },
    board() {
      onBoard += 1;
    },
    alight() {
      onBoard -= 1;
      if (onBoard === 0) flight.land();
    },
    land() {
      hasLanded = true;
      cancelTimer?.();
      cancelTimer = undefined;
    },
  };
  return flight;
}
