import type { Clock } from '../clock.ts';

/** Whether a read that could be served otherwise still waits for its service. One for each process. */
export interface Patience {
  /** False once waits in a row were in vain: until something is answered, or for a while, after which one more wait decides. */
  isLeft(read: string): boolean;
  /** A wait that began then has ended, and nothing was answered to it. */
  onVainWait(read: string, beganAtMs: number): void;
  /** A call that began then has ended without an answer, though it had all the time that it could be given. */
  onSilentCall(read: string, beganAtMs: number): void;
  /** The read's service has said something: an answer, a refusal or, by its breaker, that it is not asked. */
  onAnswer(read: string): void;
}

/** One after the other: a second of silence, the shortest time that an attempt is given. What takes 600 or 900 ms is slow, and waited for. */
const maxVainWaits = 2;
/** A call that was given so much time and not answered says as much: a refresh does before anybody has to wait. */
const silentCallMs = 1000;
/** As long as a breaker remembers; but that learns of a call only once its last attempt has hung to its end. */
const standsForMs = 10_000;

interface Row {
  readonly vainWaits: number;
  /** The last wait that counts has ended, or something was answered. */
  readonly atMs: number;
  readonly heardAtMs: number;
}

const unknown: Row = { vainWaits: 0, atMs: -Infinity, heardAtMs: -Infinity };

/**
 * Counts waits in vain by read, those at the same time once: a thousand who wait for one slow call know no more than one does. A
 * call that has ended in silence counts as enough of them. Other calls go on, so the first that is answered ends it.
 */
export function createPatience(clock: Clock): Patience {
  const rows = new Map<string, Row>();

  return {
    isLeft(read) {
      const { vainWaits, atMs } = rows.get(read) ?? unknown;
      return vainWaits < maxVainWaits || clock.nowMs() - atMs >= standsForMs;
    },
    onVainWait(read, beganAtMs) {
      const row = rows.get(read) ?? unknown;
      if (beganAtMs < row.atMs) return;
      rows.set(read, { ...row, vainWaits: row.vainWaits + 1, atMs: clock.nowMs() });
    },
    onSilentCall(read, beganAtMs) {
      const row = rows.get(read) ?? unknown;
      const nowMs = clock.nowMs();
      if (beganAtMs < row.heardAtMs || nowMs - beganAtMs < silentCallMs) return;
      rows.set(read, { ...row, vainWaits: maxVainWaits, atMs: nowMs });
    },
    onAnswer(read) {
      const nowMs = clock.nowMs();
      rows.set(read, { vainWaits: 0, atMs: nowMs, heardAtMs: nowMs });
    },
  };
}
