import { createReadThrough, type FallbackCache, type ReadThroughOptions } from '../cache/read-through.ts';
import { createRedisSharing } from '../cache/redis-sharing.ts';
import type { Clock } from '../clock.ts';
import type { CallScope } from '../downstream/call-scope.ts';
import type { Logger } from '../observability/logger.ts';
import type { RedisLink } from './redis-link.ts';

export interface SharedCacheParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null: the level in this process serves alone. */
  readonly redis: RedisLink | null;
  readonly overrides?: Partial<ReadThroughOptions> | undefined;
}

/** The fallback cache of one process, over Redis where there is one. */
export function openSharedCache(parts: SharedCacheParts): FallbackCache<CallScope> {
  const { clock, logger, redis, overrides } = parts;
  if (redis === null) return createReadThrough<CallScope>({ clock, detach }, overrides);
  const shared = createRedisSharing({
    ...redis,
    clock,
    events: { onHearing: (isHearing) => logger.info({ isHearing }, 'hearing what other processes drop') },
  });
  return createReadThrough<CallScope>({ clock, detach, shared }, overrides);
}

/** A call for what is public carries nobody's identity: other requests may wait for it too. */
function detach(scope: CallScope, deadline: CallScope['deadline'], audience: 'public' | 'viewer'): CallScope {
  return audience === 'public' ? { ...scope, deadline, viewerId: null, authorization: null } : { ...scope, deadline };
}
