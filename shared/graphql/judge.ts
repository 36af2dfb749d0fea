import type { GraphQLResolveInfo } from 'graphql';
import { AppError } from '../errors.ts';
import { type Sourced, UnderWayError } from '../provenance.ts';
import type { EngineContext } from './engine-context.ts';
import { maxStaleSecondsAt } from './max-stale.ts';
import { whenReady } from './when-ready.ts';

/** Where a value is shown: at a field, or as one of the items of a field's list. */
export type Shown = GraphQLResolveInfo | { readonly itemOf: GraphQLResolveInfo };

/**
 * The value of a read, once it is clear that it may be served here: one that is older than the document's `@maxStale` allows
 * gives way to the refresh under way, and one that is served degraded is recorded for `extensions.degraded`.
 *
 * @throws AppError - the read's own failure where it has no value; `STALE_REFUSED` where the value is too old and nothing newer is to be had.
 */
export function judge<V>(sourced: Sourced<V> | AppError, context: EngineContext, shown: Shown): V | Promise<V> {
  return whenReady(judgeSourced(sourced, context, shown), ({ value }) => value);
}

/** The same, with where the value that may be served came from. */
export function judgeSourced<V>(
  sourced: Sourced<V> | AppError,
  context: EngineContext,
  shown: Shown,
): Sourced<V> | Promise<Sourced<V>> {
  if (sourced instanceof UnderWayError)
    return sourced.refresh().then((refreshed) => judgeSourced(refreshed as Sourced<V>, context, shown));
  if (sourced instanceof AppError) throw sourced;
  if (sourced.origin === 'fetched') return sourced;
  const maxSeconds = maxStaleSecondsAt(fieldOf(shown));
  if (isAllowed(sourced, maxSeconds)) return record(sourced, context, shown);
  if (sourced.refresh === undefined) throw refuse(sourced, maxSeconds);
  return sourced.refresh().then(
    // What came may be another process's, and too old as well: that is being refreshed in turn.
    (refreshed) => judgeSourced(refreshed, context, shown),
    (error: unknown) => {
      // What is gone is an answer, not a failure to refresh.
      if (error instanceof AppError && error.code === 'NOT_FOUND') throw error;
      throw refuse(sourced, maxSeconds, error);
    },
  );
}

// A default has no age, so whoever sets a limit does not get one.
function isAllowed({ origin, staleSeconds }: Sourced<unknown>, maxSeconds: number): boolean {
  if (origin === 'fetched') return true;
  if (origin === 'default') return maxSeconds === Number.POSITIVE_INFINITY;
  return staleSeconds <= maxSeconds;
}

function record<V>(sourced: Sourced<V>, context: EngineContext, shown: Shown): Sourced<V> {
  if (sourced.origin === 'kept' || sourced.origin === 'default') {
    const isDefault = sourced.origin === 'default';
    context.degraded.add({
      path: placeOf(shown),
      service: sourced.service,
      reason: isDefault ? 'DEFAULT' : (sourced.failure?.code ?? 'DOWNSTREAM_UNAVAILABLE'),
      ageSeconds: sourced.ageSeconds ?? 0,
    });
  }
  return sourced;
}

function fieldOf(shown: Shown): GraphQLResolveInfo {
  return 'itemOf' in shown ? shown.itemOf : shown;
}

function placeOf(shown: Shown): string[] {
  const path: string[] = 'itemOf' in shown ? ['*'] : [];
  for (let at: GraphQLResolveInfo['path'] | undefined = fieldOf(shown).path; at !== undefined; at = at.prev) {
    path.push(typeof at.key === 'number' ? '*' : at.key);
  }
  return path.reverse();
}

function refuse({ service, failure }: Sourced<unknown>, maxSeconds: number, cause: unknown = failure): AppError {
  const limit =
    maxSeconds < 0 ? 'is never served from what was kept' : `may be ${maxSeconds} s past its freshness at most`;
  return new AppError('STALE_REFUSED', `This value ${limit}, and ${service} has no newer one now.`, {
    service,
    cause,
    retryAfterSeconds: cause instanceof AppError ? cause.retryAfterSeconds : undefined,
  });
}
