import type { CachedRead, Kept, ReadScope, Windows } from '../../../shared/cache/cached-read.ts';
import { createReadThrough, type FallbackCache, type ReadThroughOptions } from '../../../shared/cache/read-through.ts';
import type { Clock } from '../../../shared/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/errors.ts';
import type { Sourced } from '../../../shared/provenance.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

export interface Thing {
  readonly id: string;
  /** Raised by each write. */
  readonly revision: number;
  readonly owner: string | null;
  readonly text?: string;
}

export type Things = { thing: Thing };

/** A service in the tests' hands: it answers at once unless told otherwise. */
export interface FakeService {
  /** Of all things; a write raises it. */
  revision: number;
  failure: AppError | undefined;
  missing: Set<string>;
  text: string | undefined;
  /** Every call, in order: the ids asked for. */
  readonly calls: string[][];
  /** Scopes as the service's client gets them. */
  readonly scopes: ReadScope[];
  /** Calls wait from now on; each is answered by `answer`. */
  hold(): void;
  /** Answers the calls that wait, with what is so now (or was so when they came, with `asAsked`), and holds no more. */
  answer(how?: 'asAsked'): void;
  fetch(keys: readonly string[], scope: ReadScope): Promise<ReadonlyMap<string, Things | null | AppError>>;
}

export function createFakeService(): FakeService {
  let waiting: ((asked: boolean) => void)[] | undefined;
  const service: FakeService = {
    revision: 1,
    failure: undefined,
    missing: new Set(),
    text: undefined,
    calls: [],
    scopes: [],
    hold() {
      waiting ??= [];
    },
    answer(how) {
      const answers = waiting ?? [];
      waiting = undefined;
      for (const answer of answers) answer(how === 'asAsked');
    },
    async fetch(keys, scope) {
      service.calls.push([...keys]);
      service.scopes.push(scope);
      const queue = waiting;
      if (queue === undefined) {
        if (service.failure !== undefined) throw service.failure;
        return snapshot(keys, scope);
      }
      const before = snapshot(keys, scope);
      return new Promise((resolve, reject) => {
        queue.push((isAsAsked) => {
          if (service.failure !== undefined && !isAsAsked) reject(service.failure);
          else resolve(isAsAsked ? before : snapshot(keys, scope));
        });
      });
    },
  };

  function snapshot(keys: readonly string[], scope: ReadScope): Map<string, Things | null | AppError> {
    const { revision, text } = service;
    return new Map(
      keys.map((id) => {
        const thing: Thing = { id, revision, owner: scope.viewerId, ...(text === undefined ? {} : { text }) };
        return [id, service.missing.has(id) ? null : { thing }];
      }),
    );
  }

  return service;
}

export const minute: Windows = { freshForMs: 60_000, revalidateForMs: 60_000, keepForMs: 3_600_000 };

export type ThingRead = CachedRead<string, Things>;

export function thingRead(
  service: FakeService,
  given: Partial<ThingRead> & { windows?: Windows; defaultValue?: Thing; version?: number } = {},
): ThingRead {
  const { windows = minute, version = 1, defaultValue, ...rest } = given;
  const byDefault = defaultValue === undefined ? {} : { defaultValue };
  return {
    name: 'shop.things',
    service: 'shop',
    audience: 'public',
    maxBatch: 100,
    parts: { thing: { windows, version, ...byDefault } },
    keyOf: (id) => [id],
    tagsOf: (id) => [`thing:${id}`],
    fetch: service.fetch,
    ...rest,
  };
}

export interface TestScope extends ReadScope {
  readonly lookups: Record<string, number>[];
  /** The client goes away, or (with an `AppError`) the deadline ends it. */
  end(reason?: unknown): void;
}

/** One request's scope on this clock. */
export function requestScope(
  clock: Clock,
  given: { viewerId?: string | null; deadlineMs?: number; cacheWaitMs?: number } = {},
): TestScope {
  const { viewerId = null, deadlineMs = 8000, cacheWaitMs = 100 } = given;
  const controller = new AbortController();
  const endsAtMs = clock.nowMs() + deadlineMs;
  clock.schedule(deadlineMs, () => controller.abort(new AppError('DEADLINE_EXCEEDED', 'over')));
  const lookups: Record<string, number>[] = [];
  return {
    viewerId,
    deadline: { signal: controller.signal, remainingMs: () => Math.max(0, endsAtMs - clock.nowMs()) },
    cacheWait: { leftMs: cacheWaitMs },
    report: { addCacheLookup: (_read, counts) => void lookups.push({ ...counts }) },
    lookups,
    end: (reason) => controller.abort(reason),
  };
}

export function createTestCache(
  clock: Clock,
  options: Partial<ReadThroughOptions> = {},
  random?: () => number,
): FallbackCache {
  return createReadThrough({ clock, detach: detached, ...(random === undefined ? {} : { random }) }, options);
}

export function detached(scope: ReadScope, deadline: ReadScope['deadline'], audience: 'public' | 'viewer'): ReadScope {
  return { ...scope, deadline, viewerId: audience === 'public' ? null : scope.viewerId };
}

export function failure(code: ErrorCode): AppError {
  return new AppError(code, `a ${code}`, { service: 'shop' });
}

/** The one record of the one key. */
export function only(results: ReadonlyArray<Kept<Things> | null | AppError>): Sourced<Thing> {
  const [result] = results;
  if (result instanceof AppError) throw result;
  if (result === null || result === undefined || result.thing instanceof AppError) throw new Error('no record');
  return result.thing;
}

/** No jitter: windows are what they say. */
export const evenly = (): number => 0.5;

/** A cache of one level over a service, on a clock that stands still. */
export function openCache(given: Parameters<typeof thingRead>[1] = {}, random: () => number = evenly) {
  const clock = createFakeClock();
  const service = createFakeService();
  const cache = createTestCache(clock, {}, random);
  const read = thingRead(service, given);
  const ask = (id = 'a', scope: ReadScope = requestScope(clock)) => cache.many(read, [id], scope);
  return { clock, service, cache, read, ask };
}

/** Whether this has not settled by now, and all that follows from now. */
export function isWaiting(work: Promise<unknown>): Promise<boolean> {
  const isSettled = work.then(
    () => false,
    () => false,
  );
  return Promise.race([isSettled, new Promise<boolean>((resolve) => setImmediate(() => resolve(true)))]);
}
