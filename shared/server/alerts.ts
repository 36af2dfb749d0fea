import type { Clock } from '../clock.ts';

/** Something that a person should look at, by the name that it has in `docs/operations.md`. */
export type AlertName = 'circuit_open' | 'no_instances' | 'high_retry_rate' | 'timeout_exceeded';

export interface AlertEvent {
  readonly name: AlertName;
  readonly service: string;
  readonly isFiring: boolean;
  /** What was measured, in words. */
  readonly because: string;
}

export interface AlertWatch {
  onTransition(service: string, to: 'closed' | 'half-open' | 'open', reason: string): void;
  /** A call of which an attempt was made. */
  onCall(service: string): void;
  /** A call that found nobody to ask. */
  onNoInstance(service: string): void;
  /** There is somebody to ask. */
  onInstances(service: string): void;
  onRetry(service: string): void;
  /** An attempt ran into its timeout. A call of which one did ends, as often as not, by the request's deadline. */
  onTimeout(service: string): void;
  close(): void;
}

/** Looked at every 5 s over the last minute: an alert is a log line and a gauge within 5 s. */
const everyMs = 5000;
const slots = 12;
/** Below it one repeat in ten calls is chance; a timeout is not. */
const minCallsForRetries = 50;
const maxRetryShare = 0.1;
const maxTimeoutShare = 0.01;

interface Slot {
  calls: number;
  retries: number;
  timeouts: number;
}

const emptySlot = (): Slot => ({ calls: 0, retries: 0, timeouts: 0 });

/** Watches every service for what the alerts of docs/operations.md name, and tells of each change once. */
export function createAlertWatch(clock: Clock, onAlert: (event: AlertEvent) => void): AlertWatch {
  const windows = new Map<string, Slot[]>();
  const firing = new Set<string>();
  let cancelTimer = clock.schedule(everyMs, look);

  function current(service: string): Slot {
    const window = windows.get(service) ?? [emptySlot()];
    windows.set(service, window);
    return window[window.length - 1] ?? emptySlot();
  }

  function set(name: AlertName, service: string, state: { isFiring: boolean; because: string }): void {
    const key = `${name} ${service}`;
    if (firing.has(key) === state.isFiring) return;
    if (state.isFiring) firing.add(key);
    else firing.delete(key);
    onAlert({ name, service, ...state });
  }

  function look(): void {
    for (const [service, window] of windows) {
      const sum = emptySlot();
      for (const slot of window) {
        sum.calls += slot.calls;
        sum.retries += slot.retries;
        sum.timeouts += slot.timeouts;
      }
      const { calls, retries, timeouts } = sum;
      const isRetrying = calls >= minCallsForRetries && retries > calls * maxRetryShare;
      const isTimingOut = timeouts > calls * maxTimeoutShare;
      set('high_retry_rate', service, { isFiring: isRetrying, because: `${retries} retries in ${calls} calls` });
      set('timeout_exceeded', service, { isFiring: isTimingOut, because: `${timeouts} timeouts in ${calls} calls` });
      window.push(emptySlot());
      if (window.length > slots) window.shift();
    }
    cancelTimer = clock.schedule(everyMs, look);
  }

  return {
    // A probe that is under way does not end the alert: the service is well when the breaker closes.
    onTransition(service, to, reason) {
      if (to !== 'half-open') set('circuit_open', service, { isFiring: to === 'open', because: reason });
    },
    onCall(service) {
      current(service).calls += 1;
    },
    onNoInstance(service) {
      set('no_instances', service, { isFiring: true, because: 'a call found nobody to ask' });
    },
    onInstances(service) {
      set('no_instances', service, { isFiring: false, because: 'there is somebody to ask' });
    },
    onRetry(service) {
      current(service).retries += 1;
    },
    onTimeout(service) {
      current(service).timeouts += 1;
    },
    close: () => cancelTimer(),
  };
}
