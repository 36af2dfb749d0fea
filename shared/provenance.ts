import type { AppError } from './errors.ts';

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
  /** Seconds past its fresh window; 0 while fresh. */
  readonly staleSeconds: number;
  /** The service it came from. */
  readonly service: string;
  /** Why the service could not answer; set where `origin` is `kept` or `default`. */
  readonly failure?: AppError;
  /** The refresh that is under way, for a reader who refuses a value this old. */
  readonly refresh?: Promise<Sourced<V>>;
}

const flawed = new WeakSet<object>();

/** Marks a record of which a field could not be read: it is served, that field errs, and it is never kept. */
export function markFlawed(record: object): void {
  flawed.add(record);
}

export function isFlawed(record: object): boolean {
  return flawed.has(record);
}
