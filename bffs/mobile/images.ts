import { systemClock } from '../../shared/clock.ts';
import { loadImageConfig } from '../../shared/config/config.ts';
import { reportCounts } from '../../shared/images/image-counts.ts';
import { createImageLog } from '../../shared/images/image-log.ts';
import { startImageServer } from '../../shared/images/image-server.ts';
import { openThumbhashLog } from '../../shared/images/image-service.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { runProcess } from '../../shared/server/process.ts';
import { openRedis } from '../../shared/server/redis-link.ts';
import { createRedisThumbhashes } from '../../shared/server/redis-thumbhashes.ts';
import { mobileProfile } from './profile.ts';

/** The phone's pictures, made by a process that scales by itself: `npm run start:images`. */
await runProcess(async () => {
  const { images, observability, redis: redisConfig } = loadImageConfig(process.env);
  const logger = createLogger({ level: observability.logLevel, server: 'images' });
  const onEvent = createImageLog(logger);
  const redis = openRedis(redisConfig, systemClock, { logger });
  const file = redis === null ? openThumbhashLog(images.settings.cacheDirectory, onEvent) : null;
  const thumbhashes = file ?? (redis && createRedisThumbhashes(redis));
  const server = await startImageServer(
    { ...images.settings, widths: mobileProfile.images.widths },
    { onThumbhash: (key, thumbhash) => void thumbhashes?.set(key, thumbhash), onEvent },
  );
  reportCounts(server, (counts) => onEvent({ type: 'counts', counts }));
  logger.info({ url: server.url }, 'serving');
  return {
    async close(manner) {
      logger.info({ manner }, 'ending');
      await server.close(manner === 'now' ? 500 : 9000);
      await file?.close();
      await redis?.close();
    },
    onStray: (error, kind) => logger.error({ err: error, kind }, 'nobody caught this'),
  };
});
