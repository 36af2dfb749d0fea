import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import { nameAtBeginning } from './generation-name.ts';
import type { Generation, Generations } from './generations.ts';
import type { RedisKeys } from './redis-keys.ts';
import { roundTrip, type Step } from './redis-round-trip.ts';
import { isStructural } from './scopes.ts';

export interface RedisNamesDeps {
  readonly clock: Clock;
  readonly gateway: RedisGateway;
  readonly keys: RedisKeys;
  readonly generations: Generations;
  readonly random: () => number;
}

export interface RedisNamesOptions {
  readonly limitMs: number;
  readonly generationTtlMs: number;
  readonly touchEveryMs: number;
}

/** The names of generations in Redis. */
export interface RedisNames {
  /** Asks for the name of this generation, and gives it one where Redis has none: before anything is fetched in it. */
  steps(generation: Generation, onNamed: (named: Generation) => void): Step[];
  /** Names what follows a drop. */
  write(redis: Redis, scope: string, name: string): Promise<unknown>;
  close(): void;
}

/**
 * What hangs on a name that Redis loses is a miss for every process at once. So the few names that most entries carry have no
 * TTL, and are touched now and then: a Redis that evicts what was not used for long would take them first, because processes
 * remember them. The others expire, spread out, so that those named together (at a start) do not end together.
 */
export function createRedisNames(deps: RedisNamesDeps, options: RedisNamesOptions): RedisNames {
  const { clock, gateway, keys, generations, random } = deps;
  const structural = new Set<string>();
  let cancelTouch = clock.schedule(options.touchEveryMs, touch);

  function touch(): void {
    cancelTouch = clock.schedule(options.touchEveryMs, touch);
    if (structural.size === 0 || !gateway.isAvailable) return;
    void roundTrip(gateway, [{ issue: (redis) => redis.touch(...structural) }], options.limitMs);
  }

  function ttlMs(): number {
    return Math.ceil(options.generationTtlMs * (1 + random()));
  }

  return {
    steps(generation, onNamed) {
      const { scope } = generation;
      const key = keys.generation(scope);
      const { era } = generations;
      if (isStructural(scope)) structural.add(key);
      return [
        {
          issue: (redis) =>
            isStructural(scope)
              ? redis.set(key, nameAtBeginning(), 'NX')
              : redis.set(key, nameAtBeginning(), 'PX', ttlMs(), 'NX'),
        },
        {
          issue: (redis) => redis.get(key),
          took(reply) {
            if (reply.status === 'rejected' || typeof reply.value !== 'string') return;
            onNamed(generations.confirm(generation, reply.value, era));
          },
        },
      ];
    },
    write(redis, scope, name) {
      const key = keys.generation(scope);
      return isStructural(scope) ? redis.set(key, name) : redis.set(key, name, 'PX', ttlMs());
    },
    close: () => cancelTouch(),
  };
}
