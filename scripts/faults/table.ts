import type { Sighting } from './fault.ts';

/** A sighting in a few words. */
export function describeSighting(seen: Sighting): string {
  return Object.entries(seen)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** One row of the table, one line each for what is promised, seen with the mechanism, and without it. */
export function describeRow(row: {
  readonly id: string;
  readonly fault: string;
  readonly promise: string;
  readonly isKept: boolean;
  readonly withMechanism: string;
  readonly without: string;
}): string {
  return [
    `${row.isKept ? '✓' : '✗'} ${row.id}  ${row.fault}`,
    `       promise  ${row.promise}`,
    `       with     ${row.withMechanism}`,
    `       without  ${row.without}`,
  ].join('\n');
}
