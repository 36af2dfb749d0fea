import type { AbortSource } from '../abort.ts';
import type { Clock } from '../clock.ts';

/** What ended a wait: the work, its limit, or the signal. */
export type Ending = 'settled' | 'limit' | 'aborted';

export interface WaitBounds {
  readonly clock: Clock;
  readonly signal?: AbortSource | undefined;
  readonly limitMs?: number | undefined;
}

/** Waits until the work settles, at most `limitMs`, and no longer than the signal allows; leaves no timer and no listener. */
export function waitFor(work: Promise<unknown>, bounds: WaitBounds): Promise<Ending> {
  const { clock, signal, limitMs } = bounds;
  if (signal?.aborted) return Promise.resolve('aborted');
  return new Promise((resolve) => {
    const onAbort = (): void => end('aborted');
    const cancelTimer = limitMs === undefined ? undefined : clock.schedule(limitMs, () => end('limit'));
    signal?.addEventListener('abort', onAbort);
    function end(ending: Ending): void {
      cancelTimer?.();
      signal?.removeEventListener('abort', onAbort);
      resolve(ending);
    }
    work.then(
      () => end('settled'),
      () => end('settled'),
    );
  });
}
