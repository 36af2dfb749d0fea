import type { Entry } from './entry.ts';
import type { Generations } from './generations.ts';
import type { KeyCall } from './key-call.ts';
import type { ReadPlan } from './read-plan.ts';

/** What is asked of the level that processes share, for one batch. */
export interface SharedQuestion {
  readonly plan: ReadPlan;
  readonly calls: readonly KeyCall[];
  /** Whether to try for the right to refresh each key, which one process of the fleet has at a time. */
  readonly isRefresh: boolean;
}

export interface SharedAnswer {
  readonly found: ReadonlyMap<KeyCall, Entry>;
  /** The keys that another process is refreshing. */
  readonly refreshedElsewhere: ReadonlySet<KeyCall>;
}

/** An entry as it goes into the shared level. */
export interface SharedWrite {
  readonly call: KeyCall;
  readonly entry: Entry;
}

/** The level that all processes share. Everything here ends within a tenth of a second, and nothing rejects: what fails counts as not there, and a drop that fails is made up for. */
export interface SharedLevel {
  /** Whether it is worth asking. */
  readonly isAvailable: boolean;
  /** Whether other processes' drops are heard at once, so that a viewer's data may be held in this one's memory. */
  readonly isHearing: boolean;
  /** A viewer's entries fetched before this instant (monotonic) may have missed a drop while this level was away. */
  readonly viewersTrustedSinceMs: number;
  /** One round trip; names the generations of these calls, and finds their entries. */
  find(question: SharedQuestion): Promise<SharedAnswer>;
  /** Returns at once; entries whose generations Redis has not named, or something has dropped, are not stored. */
  store(plan: ReadPlan, writes: readonly SharedWrite[]): void;
  /** Resolves once every process is told, or the drop is remembered to be made up for. */
  drop(scopes: readonly string[], viewerId: string | null): Promise<void>;
  /**
   * Removes all entries whose key starts so, however long that takes, and returns how many; for operators.
   *
   * @throws Error - when it could not be finished.
   */
  removeByPrefix(prefix: string): Promise<number>;
  close(): void;
}

/** Builds the shared level over the generations that this process knows. */
export type SharedLevelFactory = (generations: Generations) => SharedLevel;
