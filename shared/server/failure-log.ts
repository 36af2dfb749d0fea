import type { Clock } from '../clock.ts';
import type { AttemptEvent } from '../downstream/events.ts';
import type { Logger } from '../observability/logger.ts';

/** Tells why attempts fail: clients and metrics have only the kind, and whoever mends it needs the network's own words. */
export interface FailureLog {
  onAttempt(attempt: AttemptEvent): void;
}

/** An outage is a line for each instance and kind of failure in so long, however many attempts it costs. */
const everyMs = 10_000;
/** Instances come and go; past so many kinds the counts begin anew. */
const maxKept = 1000;

interface Told {
  atMs: number;
  /** Since then. */
  untold: number;
}

export function createFailureLog(logger: Logger, clock: Clock): FailureLog {
  const told = new Map<string, Told>();

  return {
    onAttempt({ service, instance, route, outcome, because }) {
      // A client that went away, or an attempt that another one beat, is nobody's failure.
      if (because === null || outcome === 'cancelled') return;
      const key = `${service} ${instance} ${outcome}`;
      const nowMs = clock.nowMs();
      const last = told.get(key);
      if (last !== undefined && nowMs - last.atMs < everyMs) {
        last.untold += 1;
        return;
      }
      if (told.size >= maxKept) told.clear();
      told.set(key, { atMs: nowMs, untold: 0 });
      logger.warn({ service, instance, route, outcome, because, times: 1 + (last?.untold ?? 0) }, 'attempts fail');
    },
  };
}
