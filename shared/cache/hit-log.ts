import type { Entry } from './entry.ts';

/** What must be known of a read to tell whether an entry of it is served as it is. */
export interface HitPlan {
  readonly name: string;
  readonly service: string;
  readonly isViewer: boolean;
  readonly minFreshMs: number;
  readonly minServedMs: number;
  readonly minKeptMs: number;
}

/** One key as it was served from this process. */
export interface Hit {
  readonly plan: HitPlan;
  readonly key: string;
  /** The entry's number; 0 where there was none and a default was served. */
  readonly entryId: number;
  /** Where it was fresh, or within its revalidate window. */
  readonly contentId?: number;
  /** Why it was served past these windows. */
  readonly standin?: Standin | undefined;
}

/**
 * `unasked`: nobody asks the service, by its open breaker or a night switch. `awaited`: it is being asked for this key, and nobody
 * waits for that. `skipped`: this request did not ask, and the next one should.
 */
export type Standin = 'unasked' | 'awaited' | 'skipped';

/** After this it is looked again, whether anything has been heard here or not: another process may have had an answer. */
const standsInForMs: Readonly<Record<Standin, number>> = { unasked: 6000, awaited: 6000, skipped: 1000 };

/** A service that fails has its entries pass their windows one by one: an answer that stands in already is made anew for several at once. */
const degradedToleranceMs = 2000;

export interface StandinTimes {
  readonly nowMs: number;
  readonly changesAtMs: number;
  readonly isGoneAtMs?: number | undefined;
}

/**
 * What one request was served from this process's memory, or brought into it, so that it can be told later whether its answer
 * would still be the same: a product that was refreshed and has not changed is no reason to make the answers of all who are shown
 * it anew. It remembers entries by their numbers: holding the entries themselves would keep them past the memory's bound.
 */
export class HitLog {
  readonly #hits: Hit[] = [];
  #isWhole = true;
  #wasFetched = false;
  #isLeft = false;
  #isDated = false;
  #untilMs = Number.POSITIVE_INFINITY;
  #unaskedSinceMs: number | undefined;

  /** Whether all that was served can be looked up again, and there was something. */
  get isWhole(): boolean {
    return this.#isWhole && this.#hits.length > 0;
  }

  /** Whether some of it was not at hand when the request came. */
  get wasFetched(): boolean {
    return this.#wasFetched;
  }

  get hasStandins(): boolean {
    return this.#untilMs !== Number.POSITIVE_INFINITY;
  }

  /** By how much a part that nobody would wait for may be past its windows. */
  get toleranceMs(): number {
    return this.hasStandins ? degradedToleranceMs : 0;
  }

  /** A part is due, and nobody asks its service: false once that has been so for as long as something may stand in for it. */
  toleratesUnasked(nowMs: number): boolean {
    this.#unaskedSinceMs ??= nowMs;
    return nowMs < this.#unaskedSinceMs + standsInForMs.unasked;
  }

  get size(): number {
    return this.#hits.length;
  }

  addServed(plan: HitPlan, key: string, { id: entryId, contentId }: Pick<Entry, 'id' | 'contentId'>): void {
    this.#hits.push({ plan, key, entryId, contentId });
  }

  /**
   * As `addServed`, of an entry that was brought for this request and is at hand since. Where a section was left, the answer may be
   * without what came after that.
   */
  addFetched(plan: HitPlan, key: string, entry: Pick<Entry, 'id' | 'contentId'>): void {
    if (this.#isLeft) return this.spoil();
    this.#wasFetched = true;
    this.addServed(plan, key, entry);
  }

  /** A section of the answer is not waited for any more. */
  leave(): void {
    this.#isLeft = true;
  }

  /** The answer tells when something was fetched: an entry that says the same, fetched later, makes another answer. */
  date(): void {
    this.#isDated = true;
  }

  get isDated(): boolean {
    return this.#isDated;
  }

  /**
   * `changesAtMs`: when it is shown in another way; `isGoneAtMs`: where it is within its revalidate window so
   * far, when it may not be shown any more. Until then nobody need be told at once that it is past that window, if nobody asks.
   */
  addStandin(hit: Hit & { readonly standin: Standin }, { nowMs, changesAtMs, isGoneAtMs }: StandinTimes): void {
    this.#hits.push(hit);
    const isLate = isGoneAtMs !== undefined && hit.standin === 'unasked';
    const toldAtMs = isLate
      ? Math.max(changesAtMs, Math.min(changesAtMs + degradedToleranceMs, isGoneAtMs))
      : changesAtMs;
    this.#untilMs = Math.min(this.#untilMs, nowMs + standsInForMs[hit.standin], toldAtMs);
  }

  /** Something cannot be looked up again, or may be another thing in a moment. */
  spoil(): void {
    this.#isWhole = false;
  }

  /** Whether all that was served would still be served so; never where a read that ended later has spoiled it. */
  holds(nowMs: number, isServed: (hit: Hit) => boolean): boolean {
    return this.#isWhole && nowMs < this.#untilMs && this.#hits.every(isServed);
  }
}
