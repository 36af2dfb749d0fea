export interface SingleFlight<T> {
  /**
   * The outcome of the one task that runs for `key`: started by the first caller, joined by the others. A caller whose signal
   * aborts stops waiting; when the last one has left, the task's own signal aborts.
   */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>;
  readonly size: number;
}

interface Flight<T> {
  readonly outcome: Promise<T>;
  readonly abandon: AbortController;
  callers: number;
}

/** Lets many callers share one task. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  function takeOff(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abandon = new AbortController();
    const flight: Flight<T> = { outcome: start(abandon.signal), abandon, callers: 0 };
    flights.set(key, flight);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.outcome.then(land, land);
    return flight;
  }

  return {
    join(key, signal, start) {
      signal.throwIfAborted();
      const flight = flights.get(key) ?? takeOff(key, start);
      flight.callers += 1;
      return new Promise((resolve, reject) => {
        const leave = () => {
          reject(signal.reason);
          flight.callers -= 1;
          if (flight.callers > 0) return;
          // Whoever comes next starts anew: this flight ends with an abort that is not theirs.
          if (flights.get(key) === flight) flights.delete(key);
          flight.abandon.abort(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        flight.outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
      });
    },
    get size() {
      return flights.size;
    },
  };
}
