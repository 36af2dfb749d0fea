import type { Clock } from '../clock.ts';

/** Whether a read that could be served otherwise still waits for its service. One for each process. */
export interface Patience {
  /** False once several waits in a row were in vain: until something is answered, or for a while. */
  isLeft(read: string): boolean;
  /** A wait has ended, and nothing was answered. */
  onVainWait(read: string): void;
  /** The read's service has said something: an answer, a refusal or, by its breaker, that it is not asked. */
  onAnswer(read: string): void;
}

/** As many failures as open a breaker, within as long: but a breaker learns of a call only once its last attempt has hung to its end. */
const maxVainWaits = 5;
const memoryMs = 10_000;

/** Counts waits in vain by read. The calls go on, so the first that is answered ends it. */
export function createPatience(clock: Clock): Patience {
  const inVain = new Map<string, { count: number; lastAtMs: number }>();

  function recent(read: string): number {
    const waits = inVain.get(read);
    return waits === undefined || clock.nowMs() - waits.lastAtMs >= memoryMs ? 0 : waits.count;
  }

  return {
    isLeft: (read) => recent(read) < maxVainWaits,
    onVainWait(read) {
      inVain.set(read, { count: recent(read) + 1, lastAtMs: clock.nowMs() });
    },
    onAnswer(read) {
      inVain.delete(read);
    },
  };
}
