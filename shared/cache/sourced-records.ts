import { AppError } from '../errors.ts';
import { type Sourced, UnderWayError } from '../provenance.ts';
import type { Entry, SourcedRecords } from './entry.ts';
import { freshnessOf, negativeForMs, showsOtherwiseAtMs, staleSecondsOf } from './freshness.ts';
import { stateOf } from './generations.ts';
import type { ReadPlan } from './read-plan.ts';

/** How a key's call ended: with an entry, from the service or from Redis, or with a failure. */
export type Outcome = { readonly entry: Entry; readonly isFetched: boolean } | AppError;

/** Why a record past its serving windows is asked for. */
export interface Standin {
  readonly nowMs: number;
  /** Why the service could not answer; undefined while it has not failed. */
  readonly failure?: AppError | undefined;
  /** Waits for the refresh under way, as long as whoever asks may: the key's records as they are then. */
  readonly refresh?: (() => Promise<SourcedRecords | null | AppError>) | undefined;
  readonly wallMs: number;
}

/** Whether a record of the key could be served without its service: from this entry, or by default. */
export function isServable(plan: ReadPlan, entry: Entry | undefined, nowMs: number): boolean {
  if (plan.hasDefault) return true;
  const records = usableRecords(entry);
  if (entry === undefined || records === undefined) return false;
  return plan.parts.some(
    ({ name, policy }) =>
      name in records && freshnessOf(policy.windows, nowMs - entry.fetchedAtMs, entry.jitter) !== 'expired',
  );
}

/** Whether every record of the key could be. */
export function isWhollyServable(plan: ReadPlan, entry: Entry | undefined, nowMs: number): boolean {
  const records = usableRecords(entry);
  return plan.parts.every(({ name, policy }) => {
    if ('defaultValue' in policy) return true;
    if (entry === undefined || records === undefined || !(name in records)) return false;
    return freshnessOf(policy.windows, nowMs - entry.fetchedAtMs, entry.jitter) !== 'expired';
  });
}

/** Whether everything this entry says is fresh, and nothing has dropped it. */
export function isFresh(plan: Pick<ReadPlan, 'minFreshMs'>, entry: Entry, nowMs: number): boolean {
  const ageMs = nowMs - entry.fetchedAtMs;
  const freshForMs = entry.records === null ? Math.min(negativeForMs, plan.minFreshMs) : plan.minFreshMs * entry.jitter;
  return ageMs < freshForMs && stateOf(entry.generations) === 'current';
}

/** Whether it is served without a word: every record within its fresh or revalidate window. */
export function isServedAsIs(plan: Pick<ReadPlan, 'minFreshMs' | 'minServedMs'>, entry: Entry, nowMs: number): boolean {
  if (entry.records === null) return isFresh(plan, entry, nowMs);
  const ageMs = nowMs - entry.fetchedAtMs;
  return ageMs < plan.minServedMs * entry.jitter && stateOf(entry.generations) === 'current';
}

/** When one of this entry's records is shown in another way. */
export function changesAtMs(plan: ReadPlan, { fetchedAtMs, jitter }: Entry, nowMs: number): number {
  const ages = plan.parts.map(({ policy }) => showsOtherwiseAtMs(policy.windows, nowMs - fetchedAtMs, jitter));
  return fetchedAtMs + Math.min(...ages);
}

/** A key's records as they come from the service. */
export function fetchedRecords(plan: ReadPlan, entry: Entry): SourcedRecords | null {
  return sourcedAlike(plan, entry, 'fetched');
}

/** A key's records while all of them are fresh. */
export function freshRecords(plan: ReadPlan, entry: Entry): SourcedRecords | null {
  return sourcedAlike(plan, entry, 'fresh');
}

function sourcedAlike(plan: ReadPlan, entry: Entry, origin: 'fetched' | 'fresh'): SourcedRecords | null {
  const { records, fetchedAtWallMs } = entry;
  if (records === null) return null;
  const sourced: Record<string, Sourced<unknown>> = {};
  for (const { name } of plan.parts) {
    sourced[name] = {
      value: records[name],
      origin,
      fetchedAtMs: fetchedAtWallMs,
      staleSeconds: 0,
      service: plan.service,
    };
  }
  return sourced;
}

/**
 * A key's records from what is kept, each judged by its own windows: fresh, revalidating, or, where the service has failed,
 * kept, by default, or the failure itself. One `AppError` where no record can be had.
 */
export function standinRecords(plan: ReadPlan, entry: Entry | undefined, standin: Standin): SourcedRecords | AppError {
  const records = usableRecords(entry);
  const sourced: Record<string, Sourced<unknown> | AppError> = {};
  let served = 0;
  for (const part of plan.parts) {
    const record = standinRecord(plan, part, { entry, records, standin });
    sourced[part.name] = record;
    if (!(record instanceof AppError)) served += 1;
  }
  return served > 0 ? sourced : (standin.failure ?? missing(plan));
}

interface Holding {
  readonly entry: Entry | undefined;
  readonly records: Readonly<Record<string, unknown>> | undefined;
  readonly standin: Standin;
}

function standinRecord(plan: ReadPlan, part: ReadPlan['parts'][number], holding: Holding): Sourced<unknown> | AppError {
  const { entry, records, standin } = holding;
  const { name, policy } = part;
  const { refresh: refreshed } = standin;
  const refresh = refreshed === undefined ? {} : { refresh: () => refreshedRecord(plan, name, refreshed) };
  if (entry !== undefined && records !== undefined && name in records) {
    const ageMs = standin.nowMs - entry.fetchedAtMs;
    const freshness = freshnessOf(policy.windows, ageMs, entry.jitter);
    const stored = {
      value: records[name],
      fetchedAtMs: entry.fetchedAtWallMs,
      staleSeconds: staleSecondsOf(policy.windows, ageMs, entry.jitter),
      service: plan.service,
    };
    const isCurrent = stateOf(entry.generations) === 'current';
    if (isCurrent && freshness === 'fresh') return { ...stored, origin: 'fresh' };
    if (isCurrent && freshness === 'revalidating') return { ...stored, origin: 'revalidating', ...refresh };
    if (freshness !== 'expired' && standin.failure !== undefined) {
      const ageSeconds = Math.floor(ageMs / 1000);
      return { ...stored, origin: 'kept', ageSeconds, failure: standin.failure, ...refresh };
    }
  }
  const failure = standin.failure ?? missing(plan);
  if (!('defaultValue' in policy))
    return refresh.refresh === undefined ? failure : new UnderWayError(failure, refresh.refresh);
  const byDefault = { value: policy.defaultValue, fetchedAtMs: standin.wallMs, staleSeconds: 0, service: plan.service };
  return { ...byDefault, origin: 'default', failure, ...refresh };
}

/** What of an entry may still be shown at all. */
function usableRecords(entry: Entry | undefined): Readonly<Record<string, unknown>> | undefined {
  if (entry === undefined || entry.records === null || stateOf(entry.generations) === 'dropped') return undefined;
  return entry.records;
}

function missing(plan: ReadPlan): AppError {
  return new AppError('DOWNSTREAM_UNAVAILABLE', 'This part of the answer could not be had.', { service: plan.service });
}

/** The same record once the refresh has ended; rejects with its failure, `NOT_FOUND` where the thing is gone. */
async function refreshedRecord(
  plan: ReadPlan,
  name: string,
  refresh: NonNullable<Standin['refresh']>,
): Promise<Sourced<unknown>> {
  const records = await refresh();
  if (records instanceof AppError) throw records;
  const record = records?.[name];
  if (record === undefined) throw new AppError('NOT_FOUND', 'It does not exist any more.', { service: plan.service });
  if (record instanceof UnderWayError) return record.refresh();
  if (record instanceof AppError) throw record;
  return record;
}
