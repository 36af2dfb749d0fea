import { AppError } from '../errors.ts';

export interface WorkQueueOptions {
  /** Tasks that run at once. */
  readonly maxRunning: number;
  /** Tasks that wait; one more is refused. */
  readonly maxQueued: number;
}

export interface WorkQueue {
  /**
   * Runs a task when it is its turn, first come first served.
   *
   * @throws AppError OVERLOADED - too many wait already.
   * @throws the signal's reason - it was aborted while the task waited; the task does not run.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
  readonly running: number;
  readonly queued: number;
}

/** A bound on how much is done at once, with a bounded line before it. */
export function createWorkQueue({ maxRunning, maxQueued }: WorkQueueOptions): WorkQueue {
  const waiting = new Set<() => void>();
  let running = 0;

  function turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (running < maxRunning) {
      running += 1;
      return Promise.resolve();
    }
    if (waiting.size >= maxQueued) {
      throw new AppError('OVERLOADED', 'too many pictures are being made', { retryAfterSeconds: 1 });
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        waiting.delete(start);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(start);
        reject(signal.reason);
      };
      waiting.add(start);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  return {
    async run(task, signal) {
      await turn(signal);
      try {
        return await task();
      } finally {
        // The place is handed on, not given back: nobody who comes in between takes it.
        const [next] = waiting;
        if (next === undefined) running -= 1;
        else next();
      }
    },
    get running() {
      return running;
    },
    get queued() {
      return waiting.size;
    },
  };
}
