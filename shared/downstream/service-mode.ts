import type { Clock } from '../clock.ts';

/**
 * A night switch. `fallback`: reads are not asked but answered at once as by an open breaker, so that what is kept serves;
 * writes go through. `off`: nothing goes through; reads are still answered from what is kept.
 */
export type ServiceMode = 'normal' | 'fallback' | 'off';

export interface ModeState {
  readonly mode: ServiceMode;
  /** How long it still lasts; 0 in `normal`. */
  readonly leftMs: number;
}

export interface ModeSwitch {
  current(): ServiceMode;
  state(): ModeState;
  set(mode: ServiceMode, forMs: number): void;
}

/** A switch that nobody has to remember to turn back: every mode but `normal` ends by itself. */
export function createModeSwitch(
  clock: Clock,
  onChange: (change: { from: ServiceMode; to: ServiceMode; forMs: number; isExpiry: boolean }) => void,
): ModeSwitch {
  let mode: ServiceMode = 'normal';
  let endsAtMs = 0;
  let cancelEnd: (() => void) | undefined;

  function change(to: ServiceMode, forMs: number, isExpiry: boolean = false): void {
    cancelEnd?.();
    cancelEnd = undefined;
    const from = mode;
    mode = to;
    endsAtMs = clock.nowMs() + forMs;
    if (to !== 'normal') cancelEnd = clock.schedule(forMs, () => change('normal', 0, true));
    onChange({ from, to, forMs, isExpiry });
  }

  return {
    current: () => mode,
    state: () => ({ mode, leftMs: mode === 'normal' ? 0 : Math.max(0, endsAtMs - clock.nowMs()) }),
    set(to, forMs) {
      if (to === 'normal') change(to, 0);
      else if (!(forMs > 0 && forMs <= longestMs)) {
        throw new RangeError(
          'A switch lasts more than nothing and at most 24 h; give the time as a number of milliseconds.',
        );
      } else change(to, forMs);
    },
  };
}

/** What is meant to last longer belongs into the configuration; also below the 2^31 ms that a timer can count. */
const longestMs = 86_400_000;
