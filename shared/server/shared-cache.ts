import type { Merge } from '../cache/batch.ts';
import { createReadThrough, type FallbackCache, type ReadThroughOptions } from '../cache/read-through.ts';
import { createRedisSharing, type RedisSharingEvents, type RedisSharingOptions } from '../cache/redis-sharing.ts';
import type { Clock } from '../clock.ts';
import type { CallScope } from '../downstream/call-scope.ts';
import type { DownstreamClient } from '../downstream/downstream-client.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Tracing } from '../observability/tracing.ts';
import { mergeScopes } from './merged-scope.ts';
import type { RedisLink } from './redis-link.ts';

export interface SharedCacheParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly tracing?: Pick<Tracing, 'open'>;
  /** Null: the level in this process serves alone. */
  readonly redis: RedisLink | null;
  readonly overrides?: Partial<ReadThroughOptions> | undefined;
  readonly sharing?: RedisSharingOptions | undefined;
  readonly downstream?: Pick<DownstreamClient, 'shouldSkip' | 'isAsked'>;
}

/** The fallback cache of one process, over Redis where there is one. */
export function openSharedCache(parts: SharedCacheParts): FallbackCache<CallScope> {
  const { clock, logger, metrics, redis, overrides, sharing } = parts;
  const { shouldSkip, isAsked } = parts.downstream ?? {};
  const merge: Merge<CallScope> = (scopes, deadline) => mergeScopes(scopes, deadline, parts.tracing);
  if (redis === null) return createReadThrough<CallScope>({ clock, detach, merge, shouldSkip, isAsked }, overrides);
  const events: RedisSharingEvents = {
    onHearing: (isHearing) => logger.info({ isHearing }, 'hearing what other processes drop'),
    onTrouble: (reason) => logger.warn({ reason }, 'what other processes drop cannot be heard'),
    onUnreadable: (read) => metrics?.cacheLoss(read, 'unreadable', 1),
    onNotStored: (read, count) => metrics?.cacheLoss(read, 'not-stored', count),
    onPendingDrops: (count) => metrics?.pendingDrops(count),
  };
  const shared = createRedisSharing({ ...redis, clock, events }, sharing);
  return createReadThrough<CallScope>({ clock, detach, merge, shared, shouldSkip, isAsked }, overrides);
}

/** A call for what is public carries nobody's identity: other requests may wait for it too. */
function detach(scope: CallScope, deadline: CallScope['deadline'], audience: 'public' | 'viewer'): CallScope {
  return audience === 'public' ? { ...scope, deadline, viewerId: null, authorization: null } : { ...scope, deadline };
}
