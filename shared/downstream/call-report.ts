import type { CallRecord, CallReport } from './call-scope.ts';

/** One batched look-up in the cache. */
export interface CacheLookupRecord {
  readonly read: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** A report that can be read. */
export interface ReadableCallReport extends CallReport {
  readonly calls: readonly CallRecord[];
  readonly cacheLookups: readonly CacheLookupRecord[];
  /** What came after the bound was reached. */
  readonly leftOut: number;
}

/** One request's most costly legal document stays far below this; a report is for reading, not for exporting. */
const defaultMaxRecords = 200;

/** Collects what one answer cost, up to a bound. */
export function createCallReport(maxRecords: number = defaultMaxRecords): ReadableCallReport {
  const calls: CallRecord[] = [];
  const cacheLookups: CacheLookupRecord[] = [];
  let leftOut = 0;
  return {
    calls,
    cacheLookups,
    get leftOut() {
      return leftOut;
    },
    add(record) {
      if (calls.length < maxRecords) calls.push(record);
      else leftOut++;
    },
    addCacheLookup(read, counts) {
      if (cacheLookups.length < maxRecords) cacheLookups.push({ read, counts });
      else leftOut++;
    },
  };
}
