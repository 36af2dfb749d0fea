import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import { createInvalidationLink } from '../redis/invalidation-link.ts';
import type { RedisGateway } from '../redis/redis-gateway.ts';
import { createRedisKeys } from './redis-keys.ts';
import { createRedisLevel, type RedisLevelEvents, type RedisLevelOptions } from './redis-level.ts';
import type { SharedLevelFactory } from './shared-level.ts';

export interface RedisSharingDeps {
  readonly gateway: RedisGateway;
  /** A connection of its own, from `connectSubscriber`. */
  readonly subscriber: Redis;
  readonly clock: Clock;
  readonly random?: () => number;
  readonly events?: RedisSharingEvents;
}

export interface RedisSharingEvents extends RedisLevelEvents {
  /** Whether other processes' drops are heard; while not, no viewer's data is held in memory. */
  onHearing?(isHearing: boolean): void;
  /** Why they are not. */
  onTrouble?(reason: string): void;
}

export interface RedisSharingOptions extends Partial<RedisLevelOptions> {
  /** Before every key. `shop-bff:`; the clients of one shop share it, and so their entries. */
  readonly keyPrefix?: string;
}

/** The level in Redis, with what other processes drop heard through client tracking. */
export function createRedisSharing(deps: RedisSharingDeps, options: RedisSharingOptions = {}): SharedLevelFactory {
  const { gateway, subscriber, clock, random = Math.random, events = {} } = deps;
  return (generations) => {
    const keys = createRedisKeys(options.keyPrefix ?? 'shop-bff:');
    const link = createInvalidationLink(
      {
        gateway,
        subscriber,
        clock,
        events: {
          onInvalidated(changed) {
            if (changed === null) generations.beginEra();
            else for (const key of changed) generations.outdate(keys.scopeOf(key));
          },
          onChange(isConnected) {
            // Whatever was dropped while nobody listened must be asked for before it is believed again.
            if (isConnected) generations.beginEra();
            events.onHearing?.(isConnected);
          },
          onTrouble: (reason) => events.onTrouble?.(reason),
        },
      },
      { prefix: keys.generationPrefix },
    );
    const isHearing = (): boolean => link.isConnected && gateway.isAvailable;
    return createRedisLevel(
      { gateway, isHearing, onClose: link.close, keys, clock, generations, random, events },
      options,
    );
  };
}
