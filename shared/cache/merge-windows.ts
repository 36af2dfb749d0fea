import type { Clock } from '../clock.ts';
import type { Flight } from './flight.ts';
import type { KeyCall } from './key-call.ts';
import type { ReadPlan } from './read-plan.ts';

/** Keys of one read that go out together, and the requests that they are for. */
export interface Departure<S> {
  readonly read: { readonly service: string };
  readonly plan: ReadPlan;
  readonly flight: Flight;
  readonly calls: KeyCall[];
  readonly scopes: S[];
  depart(): void;
}

/**
 * Lets batches of different requests travel together: while a service is being asked, the next batch for it waits until that
 * answer is there, `windowMs` or a full batch, whichever comes first. An idle service is asked at once, so nobody waits for company
 * that may not come.
 */
export interface MergeWindows<S> {
  /** The departure that still takes keys of this read. */
  open(read: object): Departure<S> | undefined;
  /** Departs at once where its service is idle; else it stays open a moment. */
  hold(departure: Departure<S>): void;
  /** Closes it and lets it depart. */
  close(departure: Departure<S>): void;
  /** A call to this service has begun, or ended. */
  onBegun(service: string): void;
  onLanded(service: string): void;
}

export function createMergeWindows<S>(clock: Clock, windowMs: number): MergeWindows<S> {
  /** In the order in which they were held: one a read. */
  const held: { readonly departure: Departure<S>; readonly unhold: () => void }[] = [];
  const underWay = new Map<string, number>();

  function heldOf(read: object) {
    return held.find(({ departure }) => departure.read === read);
  }

  function close(departure: Departure<S>): void {
    const open = heldOf(departure.read);
    if (open?.departure === departure) {
      open.unhold();
      held.splice(held.indexOf(open), 1);
    }
    departure.depart();
  }

  return {
    open: (read) => heldOf(read)?.departure,
    hold(departure) {
      if ((underWay.get(departure.read.service) ?? 0) === 0) return departure.depart();
      const { signal } = departure.flight;
      const leave = (): void => close(departure);
      const cancelTimer = clock.schedule(windowMs, leave);
      // All who wait for it have gone: whoever comes now must not travel with it.
      signal.addEventListener('abort', leave);
      held.push({
        departure,
        unhold() {
          cancelTimer();
          signal.removeEventListener('abort', leave);
        },
      });
    },
    close,
    onBegun: (service) => void underWay.set(service, (underWay.get(service) ?? 0) + 1),
    onLanded(service) {
      const left = (underWay.get(service) ?? 1) - 1;
      underWay.set(service, left);
      if (left > 0) return;
      const waiting = held.filter(({ departure }) => departure.read.service === service);
      for (const open of waiting) if (held.includes(open)) close(open.departure);
    },
  };
}
