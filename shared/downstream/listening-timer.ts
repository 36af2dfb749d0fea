import type { Clock } from '../clock.ts';
import type { StallMeter } from './stall-meter.ts';

export interface ListeningTimerDeps {
  readonly clock: Clock;
  readonly stallMeter: StallMeter;
}

/** The longest that Node's timers count; beyond it they fire at once. */
const longestMs = 2_147_483_647;

/** After that, the sockets are given this long to be read before anything is called too slow. */
const graceMs = 50;

/**
 * A timeout in time that this process listened. After a stall of our own event loop every timer is due before any socket is
 * read, though the answer may lie there unread: the time of the stall is given back first.
 */
export class ListeningTimer {
  readonly #deps: ListeningTimerDeps;
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  readonly #startedAtMs: number;
  readonly #stalledAtStartMs: number;
  #cancel: (() => void) | undefined;

  constructor(deps: ListeningTimerDeps, timeoutMs: number, onTimeout: () => void) {
    this.#deps = deps;
    this.#timeoutMs = Math.min(timeoutMs, longestMs);
    this.#onTimeout = onTimeout;
    this.#startedAtMs = deps.clock.nowMs();
    this.#stalledAtStartMs = deps.stallMeter.enter(this.#startedAtMs);
    this.#arm(this.#timeoutMs, this.#startedAtMs);
  }

  /** Since the start, without the stalls. */
  listenedMs(): number {
    const { clock, stallMeter } = this.#deps;
    const nowMs = clock.nowMs();
    return nowMs - this.#startedAtMs - (stallMeter.stalledMs(nowMs) - this.#stalledAtStartMs);
  }

  /** Ends it; to be called once, whether it has run out or not. */
  stop(): void {
    this.#cancel?.();
    this.#deps.stallMeter.leave();
  }

  #arm(delayMs: number, fromMs: number): void {
    const { clock, stallMeter } = this.#deps;
    this.#cancel = clock.schedule(delayMs, () => {
      const nowMs = clock.nowMs();
      const isLate = nowMs - fromMs - delayMs > stallMeter.toleranceMs;
      const leftMs = Math.max(this.#timeoutMs - this.listenedMs(), isLate ? graceMs : 0);
      if (leftMs >= 1) this.#arm(leftMs, nowMs);
      else this.#onTimeout();
    });
  }
}
