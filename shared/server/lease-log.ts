import type { Clock } from '../clock.ts';
import { readFailureReason } from '../observability/failure-reason.ts';
import type { Logger } from '../observability/logger.ts';
import { RedisUnavailableError } from '../redis/redis-gateway.ts';

/** The store is asked again each second; a line a minute says as much. */
const quietMs = 60_000;

/** Tells that a Redis which answers does not count rates, as one that is full: each replica allows the whole limit then. */
export function createLeaseLog(logger: Logger, clock: Clock): (error: unknown) => void {
  let quietUntilMs = Number.NEGATIVE_INFINITY;

  return (error) => {
    // That it is away is told already.
    if (error instanceof RedisUnavailableError || clock.nowMs() < quietUntilMs) return;
    quietUntilMs = clock.nowMs() + quietMs;
    logger.warn(readFailureReason(error), 'rates are counted alone');
  };
}
