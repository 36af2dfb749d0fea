import { AppError } from '../errors.ts';
import type { Origin } from '../provenance.ts';
import type { SourcedRecords } from './entry.ts';

/** A key's records, null where it does not exist, or why it could not be had. */
export type KeyResult = SourcedRecords | null | AppError;

/** From the best to the worst; a key counts as its worst record. */
const ranks: Readonly<Record<Origin, number>> = { fetched: 0, fresh: 1, revalidating: 2, kept: 3, default: 4 };
const labels = ['missed', 'fresh', 'revalidating', 'kept', 'default'] as const;

/** How many keys of one look-up were served how. `missed`: asked of the service. */
export function countResults(results: readonly KeyResult[], freshHits: number): Readonly<Record<string, number>> {
  if (freshHits === results.length) return { fresh: freshHits };
  const counts: Record<string, number> = {};
  for (const result of results) {
    const label = result instanceof AppError ? 'failed' : (labels[worstRank(result)] ?? 'missed');
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

function worstRank(records: SourcedRecords | null): number {
  let worst = 0;
  for (const name in records) {
    const record = records[name];
    if (record !== undefined && !(record instanceof AppError)) worst = Math.max(worst, ranks[record.origin]);
  }
  return worst;
}
