import type { ReadScope } from '../../../shared/cache/cached-read.ts';
import { createReadThrough, type ReadThroughOptions } from '../../../shared/cache/read-through.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, detached, evenly, failure, only, requestScope, thingRead } from './cache-kit.ts';

/** A cache over a service that is being asked for `busy`, by way of a breaker; and who was merged with whom. */
export async function openBusy(given: Parameters<typeof thingRead>[1] = {}, options: Partial<ReadThroughOptions> = {}) {
  const breaker = { isOpen: false };
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
      isAsked: () => !breaker.isOpen,
    },
    options,
  );
  const read = thingRead(service, {
    fetch: async (keys, scope) => {
      if (breaker.isOpen) throw failure('CIRCUIT_OPEN');
      return service.fetch(keys, scope);
    },
    ...given,
  });
  const ask = (ids: string | readonly string[], scope: ReadScope = requestScope(clock)) =>
    cache.many(read, typeof ids === 'string' ? [ids] : ids, scope);
  service.hold();
  const busy = ask('busy', requestScope(clock, { viewerId: 'ann' }));
  await clock.advance(0);
  service.calls.length = 0;
  service.scopes.length = 0;
  return { clock, service, breaker, cache, read, ask, merged, busy };
}

/** Of one request's results. */
export const ids = (results: readonly unknown[]): string[] => results.map((result) => only([result as never]).value.id);
