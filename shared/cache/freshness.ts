import type { Windows } from './cached-read.ts';

/** What may be done with a value of this age: serve it, serve it while it is refreshed, serve it if the service fails, nothing. */
export type Freshness = 'fresh' | 'revalidating' | 'keepable' | 'expired';

/**
 * Judges a value by its age in milliseconds. `jitter` (0.9 to 1.1) stretches the two windows in which it is served without a
 * failure, so that what was fetched together does not fall due together; the keep window is a promise and is not stretched.
 */
export function freshnessOf(windows: Windows, ageMs: number, jitter: number): Freshness {
  const freshUntilMs = windows.freshForMs * jitter;
  if (ageMs < freshUntilMs) return 'fresh';
  if (ageMs < freshUntilMs + windows.revalidateForMs * jitter) return 'revalidating';
  return ageMs < windows.keepForMs ? 'keepable' : 'expired';
}

/**
 * The age in milliseconds at which a value of this age is shown in another way: as degraded, or not at all; `Infinity` once it is
 * not. Whether it is fresh or revalidating shows nowhere.
 */
export function showsOtherwiseAtMs(windows: Windows, ageMs: number, jitter: number): number {
  const servedUntilMs = windows.freshForMs * jitter + windows.revalidateForMs * jitter;
  if (ageMs < servedUntilMs) return servedUntilMs;
  return ageMs < windows.keepForMs ? windows.keepForMs : Number.POSITIVE_INFINITY;
}

/** Seconds past the fresh window, rounded up: who takes nothing stale is not given what is so by half a second. 0 while fresh. */
export function staleSecondsOf(windows: Windows, ageMs: number, jitter: number): number {
  return Math.max(0, Math.ceil((ageMs - windows.freshForMs * jitter) / 1000));
}

/** How long anything is done with a value at all. */
export function retentionMs(windows: Windows): number {
  return Math.max(windows.keepForMs, windows.freshForMs + windows.revalidateForMs);
}

/** For how long "there is no such thing" is believed: as long as an order is fresh, and never longer than the thing would be. */
export const negativeForMs = 5000;
