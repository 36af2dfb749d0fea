import type { Clock } from '../clock.ts';

export interface LineBudgetOptions<K> {
  /** Lines of each kind. */
  readonly maxPerSecond: number;
  /** Told at the end of a second, of each kind that went past it. */
  readonly onLeftOut: (kind: K, count: number) => void;
  readonly clock: Clock;
}

/** Whether one more line of this kind may be written in this second. */
export type LineBudget<K> = (kind: K) => boolean;

/**
 * A bound on what a flood may write: past it, lines are counted and the count is told. Each kind has its own, since a flood of one
 * must not hide the others; so there may be few of them.
 */
export function createLineBudget<K>({ maxPerSecond, onLeftOut, clock }: LineBudgetOptions<K>): LineBudget<K> {
  let lines = new Map<K, number>();

  // By a timer, and not by the next line: of the end of a flood nobody would hear until somebody begins another one.
  function endSecond(): void {
    const ended = lines;
    lines = new Map();
    for (const [kind, count] of ended) {
      if (count > maxPerSecond) onLeftOut(kind, count - maxPerSecond);
    }
  }

  return (kind) => {
    if (lines.size === 0) clock.schedule(1000, endSecond);
    const count = (lines.get(kind) ?? 0) + 1;
    lines.set(kind, count);
    return count <= maxPerSecond;
  };
}
