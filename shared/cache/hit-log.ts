/** What must be known of a read to tell whether an entry of it is fresh. */
export interface HitPlan {
  readonly isViewer: boolean;
  readonly minFreshMs: number;
}

/**
 * What one request was served from this process's memory, fresh, so that it can be told later whether its answer would still be
 * the same. It remembers entries by their number: holding the entries themselves would keep them past the memory's bound.
 */
export class HitLog {
  readonly #plans: HitPlan[] = [];
  readonly #keys: string[] = [];
  readonly #entryIds: number[] = [];
  #isWhole = true;

  /** Whether every read of the request was such a hit, and there was one. */
  get isWhole(): boolean {
    return this.#isWhole && this.#keys.length > 0;
  }

  get size(): number {
    return this.#keys.length;
  }

  add(plan: HitPlan, key: string, entry: { readonly id: number }): void {
    this.#plans.push(plan);
    this.#keys.push(key);
    this.#entryIds.push(entry.id);
  }

  /** Something came from elsewhere, or may be another thing in a moment. */
  spoil(): void {
    this.#isWhole = false;
  }

  /** Whether all that was served is still served so. */
  holds(isServed: (plan: HitPlan, key: string, entryId: number) => boolean): boolean {
    for (let i = 0; i < this.#keys.length; i += 1) {
      const plan = this.#plans[i];
      if (plan === undefined || !isServed(plan, this.#keys[i] ?? '', this.#entryIds[i] ?? -1)) return false;
    }
    return true;
  }
}
