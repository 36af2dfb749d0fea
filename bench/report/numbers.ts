import type { Figure } from '../figures.ts';

/** `0.87 [0.85, 0.90]` */
export function showRatio({ median, low, high }: Figure): string {
  return `${median.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

/** Three figures that say something, no more. */
export function showNumber(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function showMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

export function showPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
