import type { Clock } from '../clock.ts';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import { type Entry, nextEntryId } from './entry.ts';
import { decodeEntry } from './entry-codec.ts';
import type { Generation, Generations } from './generations.ts';
import type { KeyCall } from './key-call.ts';
import { entryBytes } from './memory-level.ts';
import type { PendingDropsOptions } from './pending-drops.ts';
import type { ReadPlan } from './read-plan.ts';
import { createRedisDrops } from './redis-drops.ts';
import type { RedisKeys } from './redis-keys.ts';
import { createRedisNames } from './redis-names.ts';
import { removeByPrefix } from './redis-removal.ts';
import { roundTrip, type Step } from './redis-round-trip.ts';
import { createRedisWrites } from './redis-writes.ts';
import type { SharedLevel, SharedQuestion } from './shared-level.ts';

export interface RedisLevelOptions {
  /** What one operation may take. 100, all that a GraphQL request may spend; a request that has less left goes on sooner. */
  readonly limitMs: number;
  /** How long Redis remembers the name of a viewer's or a tag's generation, at least: an entry ends with it. 3 days. */
  readonly generationTtlMs: number;
  /** 2000: a process that reaches Redis only later than this was started into an outage, and what is in Redis of viewers may be from before writes that nobody could tell it. */
  readonly startWithinMs: number;
  /** How often the names that everything hangs on are touched, so that they are not evicted as unused. 10000 ms. */
  readonly touchEveryMs: number;
  /** One process of the fleet refreshes a key; the others leave it alone so long, the time of one attempt. 5000 ms. */
  readonly leaseMs: number;
  /** 0.1: entries stored together do not expire together. */
  readonly ttlJitterShare: number;
  /** Entries on their way to Redis; more are not stored. 2000: some megabytes. */
  readonly maxWrites: number;
  readonly pending: Partial<PendingDropsOptions>;
}

export const redisLevelDefaults: RedisLevelOptions = {
  limitMs: 100,
  generationTtlMs: 3 * 24 * 60 * 60 * 1000,
  startWithinMs: 2000,
  touchEveryMs: 10_000,
  leaseMs: 5000,
  ttlJitterShare: 0.1,
  maxWrites: 2000,
  pending: {},
};

export interface RedisLevelEvents {
  /** An entry was there and could not be read: corrupt, of another version or type. */
  onUnreadable?(read: string): void;
  /** Entries that were not stored: Redis is full, read-only or too slow. */
  onNotStored?(read: string, count: number): void;
  /** How many drops Redis has not taken yet. */
  onPendingDrops?(count: number): void;
}

export interface RedisLevelDeps {
  readonly gateway: RedisGateway;
  /** Whether other processes' drops are heard. */
  readonly isHearing: () => boolean;
  readonly onClose: () => void;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly generations: Generations;
  readonly random: () => number;
  readonly events: RedisLevelEvents;
}

/** Two processes' idea of Redis's clock differs by a round trip; an entry from further ahead was stored before that clock was set back. */
const clockToleranceMs = 5000;

/** The shared level in Redis. */
export function createRedisLevel(deps: RedisLevelDeps, overrides: Partial<RedisLevelOptions> = {}): SharedLevel {
  const options = { ...redisLevelDefaults, ...overrides };
  const { gateway, isHearing, keys, clock, generations, random, events } = deps;
  const names = createRedisNames({ clock, gateway, keys, generations, random }, options);
  const drops = createRedisDrops(
    { clock, gateway, keys, generations, names, onPending: (count) => events.onPendingDrops?.(count) },
    options,
  );
  const store = createRedisWrites(
    {
      gateway,
      keys,
      clock,
      random,
      isPending: drops.isPending,
      onNotStored: (read, count) => events.onNotStored?.(read, count),
    },
    options,
  );
  let viewersTrustedSinceMs = Number.NEGATIVE_INFINITY;
  const startedAtMs = clock.nowMs();
  let hasBeenAvailable = gateway.isAvailable;

  const stopWatching = gateway.onChange((isAvailable) => {
    if (!isAvailable) return;
    const wasAway = hasBeenAvailable || clock.nowMs() - startedAtMs > options.startWithinMs;
    if (wasAway) viewersTrustedSinceMs = clock.nowMs();
    hasBeenAvailable = true;
    void drops.makeUp();
  });

  function generationSteps(generation: Generation, onNamed: (named: Generation) => void): Step[] {
    const makeUp = drops.stepFor(generation.scope);
    if (makeUp !== undefined) return [makeUp];
    const isKnown = generation.token !== undefined && generation.verifiedIn === generation.era.count && isHearing();
    return isKnown ? [] : names.steps(generation, onNamed);
  }

  function leaseStep(plan: ReadPlan, call: KeyCall, onTaken: () => void): Step {
    const leaseMs = Math.max(1, Math.min(options.leaseMs, plan.minFreshMs));
    return {
      issue: (redis) => redis.set(keys.lease(call.key), '1', 'PX', leaseMs, 'NX'),
      took: (reply) => void (reply.status === 'fulfilled' && reply.value === null && onTaken()),
    };
  }

  function entryFrom(plan: ReadPlan, call: KeyCall, reply: PromiseSettledResult<unknown>): Entry | undefined {
    const isOfAnotherType = reply.status === 'rejected' && String(reply.reason).includes('WRONGTYPE');
    const bytes = reply.status === 'fulfilled' && Buffer.isBuffer(reply.value) ? reply.value : undefined;
    const stored = bytes && decodeEntry(plan, call.key, bytes);
    if (isOfAnotherType || (bytes !== undefined && stored === undefined)) events.onUnreadable?.(plan.name);
    if (bytes === undefined || stored === undefined || !isOf(call.generations, stored.tokens)) return undefined;
    const sinceMs = gateway.nowMs() - stored.fetchedAtMs;
    if (sinceMs < -clockToleranceMs) return undefined;
    const ageMs = Math.max(0, sinceMs);
    const id = nextEntryId();
    return {
      id,
      contentId: id,
      records: stored.records,
      fetchedAtMs: clock.nowMs() - ageMs,
      fetchedAtWallMs: Math.round(clock.wallMs() - ageMs),
      jitter: 1 + options.ttlJitterShare * (2 * random() - 1),
      generations: call.generations,
      bytes: entryBytes(call.key, stored.jsonBytes),
      freshRecords: undefined,
    };
  }

  function isOf(current: readonly Generation[], tokens: readonly string[]): boolean {
    if (tokens.length !== current.length) return false;
    return current.every(
      ({ token, scope }, i) => token !== undefined && token === tokens[i] && !drops.isPending(scope),
    );
  }

  async function find({ plan, calls, isRefresh }: SharedQuestion) {
    const named = new Map<Generation, Generation>();
    const replies = new Map<KeyCall, PromiseSettledResult<unknown>>();
    const refreshedElsewhere = new Set<KeyCall>();
    const steps: Step[] = [];
    for (const generation of new Set(calls.flatMap((call) => call.generations))) {
      steps.push(...generationSteps(generation, (now) => named.set(generation, now)));
    }
    for (const call of calls) {
      const took = (reply: PromiseSettledResult<unknown>): void => void replies.set(call, reply);
      steps.push({ issue: (redis) => redis.getBuffer(keys.entry(call.key)), took });
      if (isRefresh) steps.push(leaseStep(plan, call, () => refreshedElsewhere.add(call)));
    }
    await roundTrip(gateway, steps, options.limitMs);
    const found = new Map<KeyCall, Entry>();
    for (const [call, reply] of replies) {
      call.generations = call.generations.map((generation) => named.get(generation) ?? generation);
      const entry = entryFrom(plan, call, reply);
      if (entry !== undefined) found.set(call, entry);
    }
    return { found, refreshedElsewhere };
  }

  return {
    get isAvailable() {
      return gateway.isAvailable;
    },
    get isHearing() {
      return isHearing();
    },
    get viewersTrustedSinceMs() {
      return viewersTrustedSinceMs;
    },
    find,
    store,
    drop: drops.drop,
    removeByPrefix: (prefix) => removeByPrefix(gateway, keys.entry(prefix)),
    close() {
      stopWatching();
      drops.close();
      names.close();
      deps.onClose();
    },
  };
}
