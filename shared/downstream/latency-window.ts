import { RollingCounts } from './rolling-counts.ts';

/** Eight buckets an octave: a quantile is right to 5 %. */
const bucketsPerOctave = 8;
/** The lowest bucket begins at a quarter of a millisecond, the highest ends at 4 minutes. */
const lowestOctave = -2;
const buckets = 160;

/** The latencies of the last 60 s as a histogram, so that a quantile needs no sorting and a million calls take the room of ten. */
export class LatencyWindow {
  readonly #counts = new RollingCounts({ windowMs: 60_000, slots: 12, kinds: buckets });

  record(durationMs: number, nowMs: number): void {
    const octave = Math.log2(Math.max(durationMs, 2 ** lowestOctave)) - lowestOctave;
    this.#counts.add(Math.min(buckets - 1, Math.floor(octave * bucketsPerOctave)), nowMs);
  }

  /** The latency that the share `q` of them did not exceed; undefined below `minSamples`. */
  quantile(q: number, nowMs: number, minSamples: number = 1): number | undefined {
    const totals = this.#counts.totals(nowMs);
    let samples = 0;
    for (const count of totals) samples += count;
    if (samples < Math.max(1, minSamples)) return undefined;
    let rank = Math.max(1, Math.ceil(q * samples));
    for (let bucket = 0; bucket < buckets; bucket++) {
      rank -= totals[bucket] ?? 0;
      if (rank <= 0) return 2 ** ((bucket + 0.5) / bucketsPerOctave + lowestOctave);
    }
    return undefined;
  }
}
