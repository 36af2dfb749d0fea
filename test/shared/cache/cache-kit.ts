import type { CachedRead, ReadScope, Windows } from '../../../shared/cache/cached-read.ts';
import { createReadThrough, type FallbackCache, type ReadThroughOptions } from '../../../shared/cache/read-through.ts';
import {
  createRedisSharing,
  type RedisSharingEvents,
  type RedisSharingOptions,
} from '../../../shared/cache/redis-sharing.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { AppError, type ErrorCode } from '../../../shared/errors.ts';
import { connectRedis, connectSubscriber, redisConnectionDefaults } from '../../../shared/redis/redis-connection.ts';
import { createRedisGateway, type RedisGateway } from '../../../shared/redis/redis-gateway.ts';

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
      const asked = answerOf(keys, scope);
      if (waiting === undefined) return asked();
      const queue = waiting;
      const before = snapshot(keys, scope);
      return new Promise((resolve, reject) => {
        queue.push((isAsAsked) => {
          try {
            resolve(isAsAsked ? before : asked());
          } catch (failure) {
            reject(failure);
          }
        });
      });
    },
  };

  function answerOf(keys: readonly string[], scope: ReadScope): () => Map<string, Things | null | AppError> {
    return () => {
      if (service.failure !== undefined) throw service.failure;
      return snapshot(keys, scope);
    };
  }

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

/** One process's cache over a real Redis. */
export interface Replica {
  readonly cache: FallbackCache;
  readonly gateway: RedisGateway;
  readonly heard: boolean[];
  readonly events: string[];
  untilUp(): Promise<void>;
  untilHearing(): Promise<void>;
  close(): Promise<void>;
}

export function startReplica(
  url: string,
  given: { sharing?: RedisSharingOptions; cache?: Partial<ReadThroughOptions> } = {},
): Replica {
  const connection = { ...redisConnectionDefaults, url };
  const events: string[] = [];
  const heard: boolean[] = [];
  const changes = new Set<() => void>();
  const changed = (event: string): void => {
    events.push(event);
    for (const change of changes) change();
  };
  const gateway = createRedisGateway({
    connection: connectRedis(connection, 'test'),
    clock: systemClock,
    events: { onState: (state) => changed(state) },
  });
  const sharingEvents: RedisSharingEvents = {
    onHearing(isHearing) {
      heard.push(isHearing);
      changed(isHearing ? 'hearing' : 'deaf');
    },
    onUnreadable: (read) => changed(`unreadable ${read}`),
    onNotStored: (read, count) => changed(`not stored ${read} ${count}`),
    onPendingDrops: (count) => changed(`pending ${count}`),
  };
  const subscriber = connectSubscriber(connection, 'test-subscriber');
  const cache = createReadThrough(
    {
      clock: systemClock,
      detach: detached,
      shared: createRedisSharing({ gateway, subscriber, clock: systemClock, events: sharingEvents }, given.sharing),
    },
    given.cache,
  );
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        changes.delete(look);
        resolve();
      };
      changes.add(look);
      look();
    });
  return {
    cache,
    gateway,
    heard,
    events,
    untilUp: () => until(() => gateway.isAvailable),
    untilHearing: () => until(() => heard.at(-1) === true),
    async close() {
      cache.close();
      await gateway.close();
    },
  };
}

export function failure(code: ErrorCode): AppError {
  return new AppError(code, `a ${code}`, { service: 'shop' });
}
