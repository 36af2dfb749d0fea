/**
 * Counts of several kinds of event over the last so many milliseconds, in slots that are forgotten one at a time. Adding is
 * two increments; a total is one read, since totals are kept as slots come and go.
 */
export class RollingCounts {
  readonly #slotMs: number;
  readonly #slots: number;
  readonly #kinds: number;
  readonly #counts: Uint32Array;
  readonly #totals: Float64Array;
  #epoch = 0;

  /** The window reaches back `windowMs` at most and one slot less at least. */
  constructor(options: { readonly windowMs: number; readonly slots: number; readonly kinds: number }) {
    this.#slotMs = options.windowMs / options.slots;
    this.#slots = options.slots;
    this.#kinds = options.kinds;
    this.#counts = new Uint32Array(options.slots * options.kinds);
    this.#totals = new Float64Array(options.kinds);
  }

  /** Counts one event of a kind, at a monotonic time that never runs back. */
  add(kind: number, nowMs: number): void {
    this.#forget(nowMs);
    const at = (this.#epoch % this.#slots) * this.#kinds + kind;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#totals[kind] = (this.#totals[kind] ?? 0) + 1;
  }

  /** The total of one kind within the window. */
  total(kind: number, nowMs: number): number {
    this.#forget(nowMs);
    return this.#totals[kind] ?? 0;
  }

  /** Every kind's total, in the kinds' order; to be read before anything else is called. */
  totals(nowMs: number): Float64Array {
    this.#forget(nowMs);
    return this.#totals;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#totals.fill(0);
  }

  #forget(nowMs: number): void {
    const epoch = Math.floor(nowMs / this.#slotMs);
    if (epoch <= this.#epoch) return;
    if (epoch - this.#epoch >= this.#slots) this.clear();
    else for (let old = this.#epoch + 1; old <= epoch; old++) this.#forgetSlot(old % this.#slots);
    this.#epoch = epoch;
  }

  #forgetSlot(slot: number): void {
    const from = slot * this.#kinds;
    for (let kind = 0; kind < this.#kinds; kind++) {
      this.#totals[kind] = (this.#totals[kind] ?? 0) - (this.#counts[from + kind] ?? 0);
      this.#counts[from + kind] = 0;
    }
  }
}
