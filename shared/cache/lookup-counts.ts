import { AppError } from '../errors.ts';
import type { SourcedRecords } from './entry.ts';

/** A key's records, null where it does not exist, or why it could not be had. */
export type KeyResult = SourcedRecords | null | AppError;

const origins = ['default', 'kept', 'revalidating', 'fresh'] as const;

/** How many keys of one look-up were served how; a key counts as its worst record. `missed`: asked of the service. */
export function countResults(results: readonly KeyResult[], freshHits: number): Readonly<Record<string, number>> {
  if (freshHits === results.length) return { fresh: freshHits };
  const counts: Record<string, number> = {};
  for (const result of results) {
    const label = labelOf(result);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

function labelOf(result: KeyResult): string {
  if (result === null) return 'missed';
  if (result instanceof AppError) return 'failed';
  const records = Object.values(result);
  return (
    origins.find((origin) => records.some((record) => !(record instanceof AppError) && record.origin === origin)) ??
    'missed'
  );
}
