import { systemClock } from '../shared/clock.ts';
import { redisSettings } from '../shared/config/redis.ts';
import { createSettingsReader } from '../shared/config/settings-reader.ts';
import { createAuditLog } from '../shared/observability/audit-log.ts';
import { createLogger } from '../shared/observability/logger.ts';
import { openRedis } from '../shared/server/redis-link.ts';
import { openSharedCache } from '../shared/server/shared-cache.ts';

const connectWithinMs = 5000;

/** Removes what Redis and every server's memory keep of a viewer. Resolves with the line to print. @throws Error that says what to do. */
async function purge(viewerId: string | undefined): Promise<string> {
  if (viewerId === undefined || viewerId === '')
    throw new Error('Say whose data to remove: npm run purge -- <viewer id>');
  const reader = createSettingsReader(process.env, {});
  const { redis: settings } = reader.complete({ redis: reader.read(redisSettings) });
  const logger = createLogger({ level: 'error', server: 'purge' });
  const redis = openRedis(settings, systemClock, { logger });
  if (redis === null) {
    throw new Error(
      'Set REDIS_URL: without Redis each server keeps its own data, for as long as it runs, and only a restart removes it.',
    );
  }
  const cache = openSharedCache({ clock: systemClock, logger, redis });
  try {
    await waitUntilUp(redis.gateway);
    const { shared } = await cache.purgeViewer(viewerId);
    createAuditLog(logger, systemClock).record({
      event: 'purge',
      who: 'operator',
      what: viewerId,
      outcome: 'ok',
      requestId: '',
    });
    return `Removed ${shared} entries of ${viewerId} from Redis; every server drops its own.`;
  } finally {
    cache.close();
    await redis.close();
  }
}

function waitUntilUp(gateway: {
  readonly isAvailable: boolean;
  onChange(listener: () => void): () => void;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new Error(`Redis did not answer within ${connectWithinMs / 1000} s: see to REDIS_URL, then purge again.`),
        ),
      connectWithinMs,
    );
    const check = (): void => {
      if (!gateway.isAvailable) return;
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = gateway.onChange(check);
    check();
  });
}

try {
  console.log(await purge(process.argv[2]));
} catch (error) {
  console.error(error instanceof Error ? error.message : 'The purge failed.');
  process.exitCode = 1;
}
