import type { AppError } from '../errors.ts';
import type { Sourced } from '../provenance.ts';
import type { Generation } from './generations.ts';

/** The records of one key by name, as a loader gets them. */
export type SourcedRecords = Readonly<Record<string, Sourced<unknown> | AppError>>;

/** What was fetched for one key, and when; never a decision about expiry, so that reads with other windows can share it. */
export interface Entry {
  /** No other entry of this process has it. */
  readonly id: number;
  /** The `id` of the first of the entries, one refreshed by the next, that have said the same. */
  readonly contentId: number;
  /** The records by name; null: the service says that there is no such thing. */
  readonly records: Readonly<Record<string, unknown>> | null;
  /** On the monotonic clock, so that a jump of the wall clock ages nothing. */
  readonly fetchedAtMs: number;
  /** The same instant on the wall, to be shown. */
  readonly fetchedAtWallMs: number;
  /** 0.9 to 1.1: by how much this entry's windows are stretched. */
  readonly jitter: number;
  /** As they were before it was fetched. */
  readonly generations: readonly Generation[];
  /** What it takes of the level's bound. */
  readonly bytes: number;
  /** Its records as they are served while all are fresh; built at the first hit, so that a hit allocates nothing. */
  freshRecords: SourcedRecords | null | undefined;
}

let lastEntryId = 0;

/** The number of a new entry. */
export function nextEntryId(): number {
  lastEntryId += 1;
  return lastEntryId;
}
