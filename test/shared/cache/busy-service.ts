import type { ReadScope } from '../../../shared/cache/cached-read.ts';
import { createReadThrough, type ReadThroughOptions } from '../../../shared/cache/read-through.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, evenly, only, requestScope, thingRead } from './cache-kit.ts';

/** A cache over a service that is being asked for `busy`, and who was merged with whom. */
export async function openBusy(given: Parameters<typeof thingRead>[1] = {}, options: Partial<ReadThroughOptions> = {}) {
  const clock = createFakeClock();
  const service = createFakeService();
  const merged: (readonly ReadScope[])[] = [];
  const cache = createReadThrough<ReadScope>(
    {
      clock,
      detach: detached,
      merge(scopes, deadline) {
        merged.push([...scopes]);
        return { ...(scopes[0] ?? requestScope(clock)), viewerId: null, deadline };
      },
      random: evenly,
    },
    options,
  );
  const read = thingRead(service, given);
  const ask = (ids: string | readonly string[], scope: ReadScope = requestScope(clock)) =>
    cache.many(read, typeof ids === 'string' ? [ids] : ids, scope);
  service.hold();
  const busy = ask('busy', requestScope(clock, { viewerId: 'ann' }));
  await clock.advance(0);
  service.calls.length = 0;
  service.scopes.length = 0;
  return { clock, service, cache, read, ask, merged, busy };
}

/** Of one request's results. */
export const ids = (results: readonly unknown[]): string[] => results.map((result) => only([result as never]).value.id);
