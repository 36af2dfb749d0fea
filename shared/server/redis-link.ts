import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import type { RedisConfig } from '../config/redis.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { connectRedis, connectSubscriber, redisConnectionDefaults } from '../redis/redis-connection.ts';
import { createRedisGateway, type RedisGateway } from '../redis/redis-gateway.ts';

/** The process's way to Redis: one connection behind a breaker, and one that listens. */
export interface RedisLink {
  readonly gateway: RedisGateway;
  readonly subscriber: Redis;
  close(): Promise<void>;
}

/** Null without an address. A Redis that cannot be reached is waited for in the background: the server starts without it. */
export function openRedis(
  config: RedisConfig,
  clock: Clock,
  { logger, metrics }: { readonly logger: Logger; readonly metrics?: Metrics },
): RedisLink | null {
  const { url } = config;
  if (url === null) return null;
  const options = { ...redisConnectionDefaults, ...config, url };
  const gateway = createRedisGateway({
    connection: connectRedis(options, 'shop-bff'),
    clock,
    // The reason alone: the error of a refused password has that password among the command's arguments.
    events: {
      onState(state) {
        metrics?.redis(state === 'up');
        logger.warn({ state }, 'redis changed');
      },
      onTrouble: (reason) => logger.warn({ reason }, 'redis cannot be used'),
    },
  });
  const subscriber = connectSubscriber(options, 'shop-bff-invalidations');
  return {
    gateway,
    subscriber,
    async close() {
      subscriber.disconnect();
      await gateway.close();
    },
  };
}
