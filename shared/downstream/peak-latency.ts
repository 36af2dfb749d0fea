/**
 * An instance's latency as the balancer sees it, after Finagle's peak EWMA: it jumps to a peak at once and comes down by
 * decay, also while nobody asks, so that an instance that was avoided is tried again.
 */
export class PeakLatency {
  readonly #decayMs: number;
  #valueMs = 0;
  #atMs = 0;

  constructor(decayMs: number) {
    this.#decayMs = decayMs;
  }

  observe(durationMs: number, nowMs: number): void {
    const weight = Math.exp((this.#atMs - nowMs) / this.#decayMs);
    const decayedMs = this.#valueMs * weight;
    this.#valueMs = durationMs > decayedMs ? durationMs : decayedMs + durationMs * (1 - weight);
    this.#atMs = nowMs;
  }

  /** 0 while nothing is known. */
  valueMs(nowMs: number): number {
    return this.#valueMs * Math.exp((this.#atMs - nowMs) / this.#decayMs);
  }
}
