import { AppError } from './errors.ts';

/**
 * Where a value came from. `fetched`: from the service, for this answer. `fresh`: kept, within its fresh window.
 * `revalidating`: kept, within the revalidate window, while someone refreshes it. `kept`: past both windows, served
 * because the service failed. `default`: the endpoint's declared default, because the service failed and nothing was kept.
 * Only the last two are degraded.
 */
export type Origin = 'fetched' | 'fresh' | 'revalidating' | 'kept' | 'default';

/** A value with its provenance, as it travels from the cache through the loader to the resolver. */
export interface Sourced<V> {
  readonly value: V;
  readonly origin: Origin;
  /** When the service said so, in milliseconds since the Unix epoch. */
  readonly fetchedAtMs: number;
  /** Seconds past its fresh window, rounded up; 0 while fresh. */
  readonly staleSeconds: number;
  /** Whole seconds since the service said so, on a clock that never jumps; set where `origin` is `kept`. */
  readonly ageSeconds?: number;
  /** The service it came from. */
  readonly service: string;
  /** Why the service could not answer; set where `origin` is `kept` or `default`. */
  readonly failure?: AppError;
  /** Waits, to the end of the reader's own deadline, for the refresh that is under way: for one who refuses a value this old. */
  readonly refresh?: () => Promise<Sourced<V>>;
}

/** Nothing of this record may be shown, and the call for it still goes on: whoever needs it waits, other records of the same key need not. */
export class UnderWayError extends AppError {
  readonly refresh: () => Promise<Sourced<unknown>>;

  constructor(failure: AppError, refresh: () => Promise<Sourced<unknown>>) {
    super(failure.code, failure.message, { cause: failure, service: failure.service });
    this.refresh = refresh;
  }
}

const flawed = new WeakSet<object>();

/** Marks a record of which a field could not be read: it is served, that field errs, and it is never kept. */
export function markFlawed(record: object): void {
  flawed.add(record);
}

export function isFlawed(record: object): boolean {
  return flawed.has(record);
}
