/** Time, so that tests can step it. Durations are measured on the monotonic side; a jump of the wall clock moves none of them. */
export interface Clock {
  /** Monotonic milliseconds, with fractions; only differences mean anything. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch, for what is stored or shown. */
  wallMs(): number;
  /** Calls `action` once after `delayMs`; the returned function cancels it. Never keeps the process alive. */
  schedule(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
