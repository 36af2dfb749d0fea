import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import type { RedisConfig } from '../config/redis.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import {
  connectRedis,
  connectSubscriber,
  type RedisConnectionOptions,
  redisConnectionDefaults,
} from '../redis/redis-connection.ts';
import { createRedisGateway, type RedisGateway, type RedisGatewayOptions } from '../redis/redis-gateway.ts';

/** The process's way to Redis: one connection behind a breaker, and one that listens. */
export interface RedisLink {
  readonly gateway: RedisGateway;
  readonly subscriber: Redis;
  close(): Promise<void>;
}

/** What of the way to Redis is not as by default. */
export interface RedisLinkOverrides {
  readonly connection?: Partial<Omit<RedisConnectionOptions, 'url'>>;
  readonly gateway?: Partial<RedisGatewayOptions>;
}

/** Null without an address. A Redis that cannot be reached is waited for in the background: the server starts without it. */
export function openRedis(
  config: RedisConfig,
  clock: Clock,
  parts: { readonly logger: Logger; readonly metrics?: Metrics; readonly overrides?: RedisLinkOverrides | undefined },
): RedisLink | null {
  const { url } = config;
  if (url === null) return null;
  const { logger, metrics, overrides = {} } = parts;
  const options = { ...redisConnectionDefaults, ...config, url, ...overrides.connection };
  const gateway = createRedisGateway(
    {
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
    },
    overrides.gateway,
  );
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
