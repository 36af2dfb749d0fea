import { createReadThrough, type FallbackCache, type ReadThroughOptions } from '../cache/read-through.ts';
import { createRedisSharing } from '../cache/redis-sharing.ts';
import type { Clock } from '../clock.ts';
import type { CallScope } from '../downstream/call-scope.ts';
import type { Logger } from '../observability/logger.ts';
import { connectRedis, connectSubscriber, redisConnectionDefaults } from '../redis/redis-connection.ts';
import { createRedisGateway, type RedisGateway } from '../redis/redis-gateway.ts';

export interface SharedCacheParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null: the level in this process serves alone. */
  readonly redisUrl: string | null;
  readonly overrides?: Partial<ReadThroughOptions> | undefined;
}

export interface SharedCache {
  readonly reads: FallbackCache<CallScope>;
  readonly redis: RedisGateway | null;
  /** For `GET /health`. */
  describe(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The fallback cache, over Redis where there is one. A Redis that cannot be reached is waited for in the background. */
export function openSharedCache({ clock, logger, redisUrl, overrides }: SharedCacheParts): SharedCache {
  if (redisUrl === null) {
    const reads = createReadThrough<CallScope>({ clock, detach }, overrides);
    return {
      reads,
      redis: null,
      describe: () => ({ cache: reads.use, redis: 'none' }),
      close: async () => reads.close(),
    };
  }
  const options = { ...redisConnectionDefaults, url: redisUrl };
  const gateway = createRedisGateway({
    connection: connectRedis(options, 'shop-bff-cache'),
    clock,
    events: { onState: (state) => logger.warn({ state }, 'redis changed') },
  });
  const subscriber = connectSubscriber(options, 'shop-bff-invalidations');
  const events = {
    onHearing: (isHearing: boolean) => logger.info({ isHearing }, 'hearing what other processes drop'),
  };
  const shared = createRedisSharing({ gateway, subscriber, clock, events });
  const reads = createReadThrough<CallScope>({ clock, detach, shared }, overrides);
  return {
    reads,
    redis: gateway,
    describe: () => ({ cache: reads.use, redis: gateway.state }),
    async close() {
      reads.close();
      subscriber.disconnect();
      await gateway.close();
    },
  };
}

/** A call for what is public carries nobody's identity: other requests may wait for it too. */
function detach(scope: CallScope, deadline: CallScope['deadline'], audience: 'public' | 'viewer'): CallScope {
  return audience === 'public' ? { ...scope, deadline, viewerId: null, authorization: null } : { ...scope, deadline };
}
