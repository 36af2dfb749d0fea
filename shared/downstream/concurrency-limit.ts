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
  const queue = new Map<SlotWaiter, () => void>();
  let inFlight = 0;

  function giveUp(waiter: SlotWaiter): void {
    queue.delete(waiter);
    waiter.onTurn(false);
  }

  return {
    join(waiter) {
      if (inFlight < policy.maxInFlight) {
        inFlight++;
        return 'entered';
      }
      if (queue.size >= policy.maxQueued) return 'full';
      queue.set(
        waiter,
        clock.schedule(policy.queueWaitMs, () => giveUp(waiter)),
      );
      return 'queued';
    },
    withdraw(waiter) {
      queue.get(waiter)?.();
      queue.delete(waiter);
    },
    leave() {
      for (const [waiter, cancelTimer] of queue) {
        // The slot passes from hand to hand: nobody who came later can take it in between.
        cancelTimer();
        queue.delete(waiter);
        waiter.onTurn(true);
        return;
      }
      inFlight--;
    },
    get inFlight() {
      return inFlight;
    },
    get queued() {
      return queue.size;
    },
  };
}
