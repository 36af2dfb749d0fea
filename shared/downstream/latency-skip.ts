/** Fewer samples than this are no reason to leave a section out. */
export const skipMinSamples = 20;

/** How many candidates for leaving out go through all the same: without them, a service that got faster would never be seen to be. */
const letThroughEvery = 20;

/** Decides whether a call with a fallback is worth starting with what is left; one for each service. */
export function createLatencySkip(p95Ms: () => number | undefined): (leftMs: number) => boolean {
  let candidates = 0;
  return (leftMs) => {
    const expectedMs = p95Ms();
    if (expectedMs === undefined || leftMs >= expectedMs) return false;
    candidates++;
    return candidates % letThroughEvery !== 0;
  };
}
