import { createReadThrough, type FallbackCache, type ReadThroughOptions } from '../../../shared/cache/read-through.ts';
import { createRedisSharing, type RedisSharingOptions } from '../../../shared/cache/redis-sharing.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import {
  connectRedis,
  connectSubscriber,
  type RedisConnectionOptions,
  redisConnectionDefaults,
} from '../../../shared/redis/redis-connection.ts';
import {
  createRedisGateway,
  type RedisGateway,
  type RedisGatewayOptions,
} from '../../../shared/redis/redis-gateway.ts';
import { detached } from './cache-kit.ts';

/** One process's cache over a real Redis, as the composition root builds it. */
export interface Replica {
  readonly cache: FallbackCache;
  readonly gateway: RedisGateway;
  /** What it told its observers, in order. */
  readonly events: string[];
  /** Resolves once this was the last event of its kind, or at once if it is. */
  until(isSo: () => boolean): Promise<void>;
  untilUp(): Promise<void>;
  /** Redis is up and other processes' drops are heard. */
  untilHearing(): Promise<void>;
  close(): Promise<void>;
}

export interface ReplicaOptions {
  readonly clock?: Clock;
  readonly connection?: Partial<RedisConnectionOptions>;
  readonly gateway?: Partial<RedisGatewayOptions>;
  readonly sharing?: RedisSharingOptions;
  readonly cache?: Partial<ReadThroughOptions>;
}

export function startReplica(url: string, options: ReplicaOptions = {}): Replica {
  const { clock = systemClock } = options;
  // On a fake clock nothing is measured in real time, and a busy machine must not make Redis seem slow.
  const isReal = clock === systemClock;
  const patience = isReal ? {} : { commandTimeoutMs: 10_000, connectTimeoutMs: 10_000 };
  const connection = { ...redisConnectionDefaults, ...patience, ...options.connection, url };
  const events: string[] = [];
  const watchers = new Set<() => void>();
  let isHearing = false;
  const tell = (event: string): void => {
    events.push(event);
    for (const watcher of watchers) watcher();
  };
  const gateway = createRedisGateway(
    { connection: connectRedis(connection, 'test'), clock, events: { onState: tell } },
    // Redis's own clock does not follow ours.
    { ...(isReal ? {} : { clockEveryMs: Number.POSITIVE_INFINITY }), ...options.gateway },
  );
  const sharing = createRedisSharing(
    {
      gateway,
      subscriber: connectSubscriber(connection, 'test-subscriber'),
      clock,
      random: () => 0.5,
      events: {
        onHearing(isNow) {
          isHearing = isNow;
          tell(isNow ? 'hearing' : 'deaf');
        },
        onUnreadable: (read) => tell(`unreadable ${read}`),
        onNotStored: (read, count) => tell(`not stored ${read} ${count}`),
        onPendingDrops: (count) => tell(`pending ${count}`),
      },
    },
    options.sharing,
  );
  const cache = createReadThrough({ clock, detach: detached, shared: sharing, random: () => 0.5 }, options.cache);

  function until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  }

  return {
    cache,
    gateway,
    events,
    until,
    untilUp: () => until(() => gateway.isAvailable),
    untilHearing: () => until(() => isHearing && gateway.isAvailable),
    async close() {
      cache.close();
      await gateway.close();
    },
  };
}

/** Looks again and again until it is so; what Redis does next to us is told to nobody. */
export async function eventually(isSo: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`It is not so within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
