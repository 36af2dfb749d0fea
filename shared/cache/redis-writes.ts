import type { Clock } from '../clock.ts';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import type { Entry } from './entry.ts';
import { encodeEntry } from './entry-codec.ts';
import { negativeForMs } from './freshness.ts';
import { areOver } from './generations.ts';
import type { KeyCall } from './key-call.ts';
import type { ReadPlan } from './read-plan.ts';
import type { RedisKeys } from './redis-keys.ts';
import { roundTrip, type Step } from './redis-round-trip.ts';
import type { SharedWrite } from './shared-level.ts';

export interface RedisWritesDeps {
  readonly gateway: RedisGateway;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether a drop of this scope is still to be made up for. */
  readonly isPending: (scope: string) => boolean;
  /** Entries that were not stored: Redis is full, read-only or too slow. */
  readonly onNotStored: (read: string, count: number) => void;
}

export interface RedisWritesOptions {
  readonly limitMs: number;
  readonly ttlJitterShare: number;
  readonly maxWrites: number;
}

/** A batch of a hundred takes 4 ms to deflate, and requests are waiting: so many at a time. */
const entriesPerTurn = 16;

/**
 * "There is no such thing" stays as long as what it replaces might be kept by another process, which then finds that it is gone;
 * where nothing was known, only as long as it is believed: anyone can ask for things that do not exist.
 */
function retentionOf(plan: ReadPlan, call: KeyCall, entry: Entry): number {
  return entry.records === null && call.kept === undefined ? negativeForMs : plan.retentionMs;
}

/** Returns the function that stores a batch in Redis, some entries at a time; nobody waits for it. */
export function createRedisWrites(deps: RedisWritesDeps, options: RedisWritesOptions) {
  const { gateway, keys, clock } = deps;
  let underWay = 0;

  /** Without the names of its generations an entry could not be told from a dropped one; one that is dropped already would take a newer one's place. */
  function isStorable({ generations }: KeyCall): boolean {
    return (
      !areOver(generations) && generations.every(({ token, scope }) => token !== undefined && !deps.isPending(scope))
    );
  }

  function writeStep(plan: ReadPlan, { call, entry }: SharedWrite, onStored: () => void): Step {
    const bytes = encodeEntry(plan, call.key, {
      fetchedAtMs: Math.round(gateway.nowMs() - (clock.nowMs() - entry.fetchedAtMs)),
      tokens: call.generations.map(({ token }) => token ?? ''),
      records: entry.records,
    });
    const ttlMs = retentionOf(plan, call, entry) * (1 + options.ttlJitterShare * deps.random());
    return {
      issue: (redis) => redis.set(keys.entry(call.key), bytes, 'PX', Math.ceil(ttlMs)),
      took: (reply) => void (reply.status === 'fulfilled' && onStored()),
    };
  }

  async function storeInTurns(plan: ReadPlan, writes: readonly SharedWrite[]): Promise<void> {
    for (let from = 0; from < writes.length; from += entriesPerTurn) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      const storable = writes.slice(from, from + entriesPerTurn).filter(({ call }) => isStorable(call));
      let stored = 0;
      const steps = storable.map((write) => writeStep(plan, write, () => (stored += 1)));
      await roundTrip(gateway, steps, options.limitMs);
      if (stored < storable.length) deps.onNotStored(plan.name, storable.length - stored);
    }
  }

  return (plan: ReadPlan, writes: readonly SharedWrite[]): void => {
    const accepted = gateway.isAvailable ? writes.slice(0, Math.max(0, options.maxWrites - underWay)) : [];
    if (accepted.length < writes.length) deps.onNotStored(plan.name, writes.length - accepted.length);
    underWay += accepted.length;
    void storeInTurns(plan, accepted).finally(() => {
      underWay -= accepted.length;
    });
  };
}
