import type { ImageCounts, ImageEvent } from '../images/image-event.ts';
import { createImageLog } from '../images/image-log.ts';
import type { UnexpectedExit } from '../images/image-process.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

/** Makes log lines, figures and a part of `/health` of what an image process tells. */
export interface ImageReporter {
  onEvent(event: ImageEvent): void;
  onServing(): void;
  onExit(exit: UnexpectedExit): void;
  health(): ImageHealth;
}

export interface ImageHealth {
  /** `elsewhere`: this server starts none. */
  readonly process: 'up' | 'down' | 'elsewhere';
  readonly restarts: number;
  /** Of the process that runs now, a few seconds old; null until it said any. */
  readonly counts: ImageCounts | null;
}

/** From the start at 0: a counter that first shows at 5 has not increased, as Prometheus sees it. */
const results = ['hit', 'miss', '400', '403', '404', '405', '408', '422', '429', '431', '500', '503', '504'];

export function createImageReporter(logger: Logger, metrics: Pick<Metrics, 'images'>): ImageReporter {
  const log = createImageLog(logger);
  const { images } = metrics;
  let state: ImageHealth['process'] = 'elsewhere';
  let restarts = 0;
  let counts: ImageCounts | null = null;

  function count(now: ImageCounts): void {
    const since = (name: keyof ImageCounts) => Math.max(0, now[name] - (counts?.[name] ?? 0));
    images.requests('hit', since('hits'));
    images.requests('miss', since('misses'));
    images.work('read', since('fromDisk'));
    images.work('downloaded', since('downloaded'));
    images.work('made', since('transformed'));
    counts = now;
  }

  return {
    onEvent(event) {
      log(event);
      if (event.type === 'counts') count(event.counts);
      else if (event.type === 'refused') images.requests(String(event.status), 1);
      else if (event.type === 'left-out' && event.status !== null) {
        images.requests(String(event.status), event.count);
      }
    },
    onServing() {
      if (state === 'elsewhere') for (const result of results) images.requests(result, 0);
      state = 'up';
      // Another process, which counts from 0.
      counts = null;
      images.up(true);
    },
    onExit(exit) {
      state = 'down';
      restarts += 1;
      images.up(false);
      images.restart();
      logger.error(exit, 'the image process ended and is started again');
    },
    health: () => ({ process: state, restarts, counts }),
  };
}
