import type { Clock } from '../clock.ts';

export interface HeartbeatDeps {
  /** Asks the other side; sent once until it is answered, so that a side that reads nothing is not filled up. */
  readonly ask: () => void;
  /** Told once, when no answer came. */
  readonly onSilence: () => void;
  readonly clock: Clock;
}

export interface Heartbeat {
  answered(): void;
  stop(): void;
}

const everyMs = 1000;
const maxUnanswered = 3;

/** From a question to the silence that is no longer waited for. */
export const silenceMs = everyMs * maxUnanswered;

/**
 * Asks another process every second whether its event loop turns. What counts is not the time that passed but how often we
 * looked and found no answer: after a stall of our own loop we look once, and then read the answer that lay there all the while.
 */
export function startHeartbeat({ ask, onSilence, clock }: HeartbeatDeps): Heartbeat {
  let unanswered = 0;
  let cancel = () => {};

  function beat(): void {
    if (unanswered === maxUnanswered) {
      onSilence();
      return;
    }
    if (unanswered === 0) ask();
    unanswered += 1;
    cancel = clock.schedule(everyMs, beat);
  }

  beat();
  return {
    answered() {
      unanswered = 0;
    },
    stop: () => cancel(),
  };
}
