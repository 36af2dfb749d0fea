import type { ServicePolicy } from './policy.ts';

/** How long an attempt may take. */
export interface AttemptTimeout {
  /** An attempt took this long; one that timed out is recorded at its timeout. */
  record(durationMs: number): void;
  /** For the next attempt; only idempotent calls follow what was recorded, since a write that is given up too early is a write in doubt. */
  limitMs(isIdempotent: boolean): number;
}

type TimeoutPolicy = Pick<
  ServicePolicy,
  | 'attemptTimeoutMs'
  | 'isTimeoutAdaptive'
  | 'adaptiveTimeoutSamples'
  | 'adaptiveTimeoutFactor'
  | 'adaptiveTimeoutFloorMs'
>;

/** The fixed timeout, or the p99 of the latest attempts with something on top, between the floor and the fixed one. */
export function createAttemptTimeout(policy: TimeoutPolicy): AttemptTimeout {
  if (!policy.isTimeoutAdaptive) return { record: () => {}, limitMs: () => policy.attemptTimeoutMs };

  const size = policy.adaptiveTimeoutSamples;
  const ring = new Float64Array(size);
  const sorted = new Float64Array(size);
  // The p99 of a hundred moves little with each of them: sorting at every tenth is enough.
  const refreshEvery = Math.max(1, Math.floor(size / 10));
  let recorded = 0;
  let adaptiveMs = policy.attemptTimeoutMs;

  function refresh(): void {
    sorted.set(ring);
    sorted.sort();
    const p99 = sorted[Math.ceil(0.99 * size) - 1] ?? policy.attemptTimeoutMs;
    const wantedMs = Math.max(policy.adaptiveTimeoutFloorMs, p99 * policy.adaptiveTimeoutFactor);
    adaptiveMs = Math.min(policy.attemptTimeoutMs, wantedMs);
  }

  return {
    record(durationMs) {
      ring[recorded % size] = durationMs;
      recorded++;
      if (recorded >= size && recorded % refreshEvery === 0) refresh();
    },
    limitMs: (isIdempotent) => (isIdempotent ? adaptiveMs : policy.attemptTimeoutMs),
  };
}
