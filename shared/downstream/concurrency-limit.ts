import type { Clock } from '../clock.ts';
import type { ServicePolicy } from './policy.ts';

/** Who waits for a slot. */
export interface SlotWaiter {
  /** A slot is now its own, or the wait was too long. */
  onTurn(isGranted: boolean): void;
}

/** How many attempts one service may have under way, so that a slow service takes its own share of this process and no more. */
export interface ConcurrencyLimit {
  /** Takes a slot, or a place in the queue (then `onTurn` follows), or neither. */
  join(waiter: SlotWaiter): 'entered' | 'queued' | 'full';
  /** Gives a place in the queue up; `onTurn` will not follow. */
  withdraw(waiter: SlotWaiter): void;
  /** Gives a slot back. */
  leave(): void;
  readonly inFlight: number;
  readonly queued: number;
}

/** Slots with a short queue in the order of arrival. */
export function createConcurrencyLimit(
  clock: Clock,
  policy: Pick<ServicePolicy, 'maxInFlight' | 'maxQueued' | 'queueWaitMs'>,
): ConcurrencyLimit {
  const queue: { readonly waiter: SlotWaiter; readonly cancelTimer: () => void }[] = [];
  let inFlight = 0;

  function withdraw(waiter: SlotWaiter): void {
    const at = queue.findIndex((queued) => queued.waiter === waiter);
    if (at < 0) return;
    queue[at]?.cancelTimer();
    queue.splice(at, 1);
  }

  return {
    join(waiter) {
      if (inFlight < policy.maxInFlight) {
        inFlight++;
        return 'entered';
      }
      if (queue.length >= policy.maxQueued) return 'full';
      const cancelTimer = clock.schedule(policy.queueWaitMs, () => {
        withdraw(waiter);
        waiter.onTurn(false);
      });
      queue.push({ waiter, cancelTimer });
      return 'queued';
    },
    withdraw,
    leave() {
      const next = queue.shift();
      if (next === undefined) {
        inFlight--;
        return;
      }
      // The slot passes from hand to hand: nobody who came later can take it in between.
      next.cancelTimer();
      next.waiter.onTurn(true);
    },
    get inFlight() {
      return inFlight;
    },
    get queued() {
      return queue.length;
    },
  };
}
