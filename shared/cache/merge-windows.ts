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
  /** Nobody waits for it. */
  readonly isRefresh: boolean;
  depart(): void;
}

export interface MergeWindowsOptions {
  /** How long keys that somebody waits for do so for company. */
  readonly windowMs: number;
  /** How long those do that nobody waits for. */
  readonly refreshWindowMs: number;
}

/**
 * Lets batches of different requests travel together: while a service is being asked, the next batch for it waits until that
 * answer is there, its window's end or a full batch, whichever comes first. An idle service is asked at once, so nobody waits for
 * company that may not come. What nobody waits for travels apart: else whoever waits would do so for more keys.
 */
export interface MergeWindows<S> {
  /** The departure that still takes keys of this read. */
  open(read: object, isRefresh: boolean): Departure<S> | undefined;
  /** Departs at once where its service is idle; else it stays open a moment. */
  hold(departure: Departure<S>): void;
  /** Closes it and lets it depart. */
  close(departure: Departure<S>): void;
  /** Somebody waits for a refresh now: it departs, if it has not yet. */
  hurry(flight: Flight): void;
  /** A call to this service has begun, or ended. */
  onBegun(service: string): void;
  onLanded(service: string): void;
}

export function createMergeWindows<S>(clock: Clock, options: MergeWindowsOptions): MergeWindows<S> {
  /** In the order in which they were held: one a read, and one of its refreshes. */
  const held: { readonly departure: Departure<S>; readonly unhold: () => void }[] = [];
  const underWay = new Map<string, number>();

  function close(departure: Departure<S>): void {
    const at = held.findIndex((open) => open.departure === departure);
    if (at >= 0) held.splice(at, 1)[0]?.unhold();
    departure.depart();
  }

  return {
    open(read, isRefresh) {
      return held.find(({ departure }) => departure.read === read && departure.isRefresh === isRefresh)?.departure;
    },
    hold(departure) {
      if ((underWay.get(departure.read.service) ?? 0) === 0) return departure.depart();
      const { signal } = departure.flight;
      const leave = (): void => close(departure);
      const cancelTimer = clock.schedule(departure.isRefresh ? options.refreshWindowMs : options.windowMs, leave);
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
    hurry(flight) {
      const open = held.find(({ departure }) => departure.flight === flight);
      if (open?.departure.isRefresh) close(open.departure);
    },
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
