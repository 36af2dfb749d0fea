/** After so many decays a twentieth is left of what was known: too little to send anybody by. */
const decaysUntilUnknown = 3;

/**
 * An instance's latency as the balancer sees it, after Finagle's peak EWMA: it jumps to a peak at once and comes down by
 * decay, also while nobody asks, so that an instance that was avoided is tried again.
 */
export class PeakLatency {
  readonly #decayMs: number;
  #valueMs = 0;
  #atMs = 0;

  /** When something was last known. */
  get observedAtMs(): number {
    return this.#atMs;
  }

  constructor(decayMs: number) {
    this.#decayMs = decayMs;
  }

  observe(durationMs: number, nowMs: number): void {
    const weight = Math.exp((this.#atMs - nowMs) / this.#decayMs);
    const decayedMs = this.#valueMs * weight;
    this.#valueMs = durationMs > decayedMs ? durationMs : decayedMs + durationMs * (1 - weight);
    this.#atMs = nowMs;
  }

  /** 0 while nothing is known, or nothing any more. */
  valueMs(nowMs: number): number {
    const decays = (nowMs - this.#atMs) / this.#decayMs;
    return decays >= decaysUntilUnknown ? 0 : this.#valueMs * Math.exp(-decays);
  }
}
