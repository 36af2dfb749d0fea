import type { Clock } from '../../clock.ts';
import type { TrackedActivity } from './client.ts';

export interface ActivityBufferOptions {
  /** The most activities that wait to be sent; further ones are dropped and counted. 10,000 are about 2 MB. */
  readonly maxActivities?: number;
  /** The most that one call takes: what the analytics service accepts. */
  readonly maxBatch?: number;
  /** How long the first one waits for others. */
  readonly flushAfterMs?: number;
  /** Told of activities that will never arrive, and why. */
  readonly onDropped?: (count: number, reason: 'full' | 'failed') => void;
}

export interface ActivityBuffer {
  /** Takes as many as there is room for, at once; says how many. */
  add(activities: readonly TrackedActivity[]): number;
  /** Sends what is left, for at most half a second; for the end of the process. */
  close(): Promise<void>;
}

/** Of what a process has left when its last request is answered: 0.8 s of 15, or of 2 where somebody waits at a terminal. */
const maxCloseMs = 500;

/** Activities on their way to the analytics service: taken at once, sent later in batches, never twice. */
export function createActivityBuffer(
  send: (activities: readonly TrackedActivity[]) => Promise<void>,
  clock: Clock,
  options: ActivityBufferOptions = {},
): ActivityBuffer {
  const { maxActivities = 10_000, maxBatch = 500, flushAfterMs = 1000, onDropped } = options;
  let waiting: TrackedActivity[] = [];
  let cancelTimer: (() => void) | undefined;
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      try {
        await send(batch);
      } catch {
        // A repeat could count an activity twice, and none of them is worth that; the drop is counted instead.
        onDropped?.(batch.length, 'failed');
      }
    }
  }

  function flush(): Promise<void> {
    cancelTimer?.();
    cancelTimer = undefined;
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  return {
    add(activities) {
      const taken = activities.slice(0, Math.max(0, maxActivities - waiting.length));
      for (const activity of taken) waiting.push(activity);
      if (taken.length < activities.length) onDropped?.(activities.length - taken.length, 'full');
      if (waiting.length >= maxBatch) void flush();
      else if (waiting.length > 0) cancelTimer ??= clock.schedule(flushAfterMs, () => void flush());
      return taken.length;
    },
    async close() {
      let cancel: (() => void) | undefined;
      const isOver = new Promise<true>((resolve) => {
        cancel = clock.schedule(maxCloseMs, () => resolve(true));
      });
      // A service that hangs must not hold what is to be closed after this.
      if ((await Promise.race([flush(), isOver])) !== true) return cancel?.();
      if (waiting.length > 0) onDropped?.(waiting.length, 'failed');
      waiting = [];
    },
  };
}
