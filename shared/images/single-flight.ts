import { TurnoverMap } from '../memory.ts';

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
  const flights = new TurnoverMap<string, Flight<T>>();

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

  function board({ outcome }: Flight<T>, signal: AbortSignal, onLeave: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        onLeave();
      };
      signal.addEventListener('abort', leave, { once: true });
      void outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  async function join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const underWay = flights.get(key);
    if (underWay?.abandon.signal.aborted === true) {
      // Everybody left, but not every step of it can be stopped. Beginning again beside it would do the same work twice, just
      // when there is too much of it: clients that gave up come again.
      try {
        return await board(underWay, signal, () => {});
      } catch {
        return join(key, signal, start);
      }
    }
    const flight = underWay ?? takeOff(key, start);
    flight.callers += 1;
    return board(flight, signal, () => {
      flight.callers -= 1;
      if (flight.callers === 0) flight.abandon.abort(signal.reason);
    });
  }

  return {
    join,
    get size() {
      return flights.size;
    },
  };
}
