/** What must be known of a read to tell whether an entry of it is fresh. */
export interface HitPlan {
  readonly isViewer: boolean;
  readonly minFreshMs: number;
}

/** One key as it was served from this process. */
export interface Hit {
  readonly plan: HitPlan;
  readonly key: string;
  /** The entry's number; 0 where there was none and a default was served. */
  readonly entryId: number;
  /** Past its fresh window: served while it is refreshed, or because its service is not asked. */
  readonly isStandin: boolean;
}

/** How long what stands in is taken to stand in: an age is told in whole seconds, and a probe may have closed the breaker. */
const standinMs = 1000;

/**
 * What one request was served from this process's memory, so that it can be told later whether its answer would still be the
 * same. It remembers entries by their number: holding the entries themselves would keep them past the memory's bound.
 */
export class HitLog {
  readonly #hits: Hit[] = [];
  #isWhole = true;
  #untilMs = Number.POSITIVE_INFINITY;

  /** Whether nothing of the request came from elsewhere, and there was something. */
  get isWhole(): boolean {
    return this.#isWhole && this.#hits.length > 0;
  }

  get hasStandins(): boolean {
    return this.#untilMs !== Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#hits.length;
  }

  addFresh(plan: HitPlan, key: string, entryId: number): void {
    this.#hits.push({ plan, key, entryId, isStandin: false });
  }

  addStandin(hit: Omit<Hit, 'isStandin'>, nowMs: number): void {
    this.#hits.push({ ...hit, isStandin: true });
    this.#untilMs = Math.min(this.#untilMs, nowMs + standinMs);
  }

  /** Something came from elsewhere, or may be another thing in a moment. */
  spoil(): void {
    this.#isWhole = false;
  }

  /** Whether all that was served would still be served so; never where a read that ended later has spoiled it. */
  holds(nowMs: number, isServed: (hit: Hit) => boolean): boolean {
    return this.#isWhole && nowMs < this.#untilMs && this.#hits.every(isServed);
  }
}
