import { atMost } from './bound.ts';
import type { Fault } from './fault.ts';
import { keptAlive, runSoak } from './soak.ts';

/** How long the short form takes: long enough to come back to the start, too short to speak of a slope. */
const minutes = 0.1;

/** F88 in its short form; `npm run test:soak` has the long one. */
export const soakFaults: readonly Fault[] = [
  {
    id: 'F88',
    fault: 'all faults at random (short form: `npm run test:soak` takes 30 min)',
    promise: 'sockets and timers back to the start; the heap does not grow',
    expected: { moreSockets: atMost(keptAlive), moreTimers: atMost(4) },
    off: {
      rule: 'every queue, cache and loop has a bound of its own, and every wait an end; no one value takes them all away',
    },
    async meet(lab) {
      const server = await lab.start({ policy: { breakerOpenMs: 1000, attemptTimeoutMs: 500 } });
      const { sockets, timers, requests } = await runSoak(lab, server, minutes);
      return { requests, moreSockets: sockets.after - sockets.before, moreTimers: timers.after - timers.before };
    },
  },
];
