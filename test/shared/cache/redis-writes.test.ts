import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import type { Entry } from '../../../shared/cache/entry.ts';
import { createGenerations } from '../../../shared/cache/generations.ts';
import type { KeyCall } from '../../../shared/cache/key-call.ts';
import { planOf } from '../../../shared/cache/read-plan.ts';
import { createRedisKeys } from '../../../shared/cache/redis-keys.ts';
import { createRedisWrites } from '../../../shared/cache/redis-writes.ts';
import type { RedisGateway } from '../../../shared/redis/redis-gateway.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, thingRead } from './cache-kit.ts';

const scope = 'tag:things';

/** Stores one entry whose generation is named, after `spoil` has been at it, and returns the keys that Redis was given. */
async function keysStored(
  spoil: (generations: ReturnType<typeof createGenerations>, pending: Set<string>) => void,
): Promise<string[]> {
  const clock = createFakeClock();
  const stored: string[] = [];
  const redis = { set: (key: string) => Promise.resolve(stored.push(key)) } as unknown as Redis;
  const gateway = {
    isAvailable: true,
    nowMs: () => clock.nowMs(),
    run: (_limitMs: number, commands: (connection: Redis) => readonly Promise<unknown>[]) =>
      Promise.allSettled(commands(redis)),
  } as unknown as RedisGateway;
  const pending = new Set<string>();
  const store = createRedisWrites(
    {
      gateway,
      keys: createRedisKeys('test:'),
      clock,
      random: () => 0,
      isPending: (name) => pending.has(name),
      onNotStored: () => {},
    },
    { limitMs: 100, ttlJitterShare: 0, maxWrites: 10 },
  );
  const generations = createGenerations(10);
  const generation = generations.confirm(generations.of(scope), 'n1', generations.era);
  const call = { key: 'k', kept: undefined, generations: [generation] } as unknown as KeyCall;
  spoil(generations, pending);
  const entry = { records: { thing: { id: 'k' } }, fetchedAtMs: 0 } as unknown as Entry;
  store(planOf(thingRead(createFakeService())), [{ call, entry }]);
  await clock.advance(0);
  return stored;
}

test.each<[string, Parameters<typeof keysStored>[0], string[]]>([
  ['nothing has dropped is stored', () => {}, ['test:e:k']],
  ['was dropped while it was fetched is not', (generations) => generations.drop(scope), []],
  ['is of a generation that Redis has another name for is not', (generations) => generations.outdate(scope), []],
  ['a drop that is to be made up for concerns is not', (_generations, pending) => pending.add(scope), []],
])('what %s', async (_name, spoil, expected) => {
  expect(await keysStored(spoil)).toEqual(expected);
});
