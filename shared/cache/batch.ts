import type { CachedRead, ReadScope } from './cached-read.ts';
import type { Flight, FlightDeadline } from './flight.ts';
import type { KeyCall } from './key-call.ts';
import type { ReadPlan } from './read-plan.ts';

/** A scope for calls that outlive the request which set them off: the same identity, another deadline; for a public read nobody's identity. */
export type Detach<S> = (scope: S, deadline: FlightDeadline, audience: 'public' | 'viewer') => S;

/** A scope for one call that several requests wait for, all of them for what is public: nobody's identity, another deadline, and every request's report. */
export type Merge<S> = (scopes: readonly S[], deadline: FlightDeadline) => S;

/** The keys that one look-up and one flight ask for together. */
export interface Batch<K, P extends object, S extends ReadScope> {
  readonly read: CachedRead<K, P, S>;
  readonly plan: ReadPlan;
  readonly viewerId: string | null;
  /** Of the flight, not of any request. */
  readonly scope: S;
  readonly calls: readonly KeyCall[];
  /** Nobody waits: what is kept is being served. */
  readonly isRefresh: boolean;
  readonly flight: Flight;
}

/** The same batch with fewer keys. */
export function narrowed<K, P extends object, S extends ReadScope>(
  batch: Batch<K, P, S>,
  calls: readonly KeyCall[],
): Batch<K, P, S> {
  return { ...batch, calls };
}
