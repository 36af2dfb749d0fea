import type { Logger } from '../observability/logger.ts';
import type { ImageEvent } from './image-event.ts';

/** Writes a line for each event of an image process. */
export function createImageLog(logger: Logger): (event: ImageEvent) => void {
  return (event) => logger[levelOf(event)](event, 'images');
}

function levelOf(event: ImageEvent): 'info' | 'warn' {
  switch (event.type) {
    case 'refused':
      // Ours to mend, or the origin's; the rest is what clients ask for.
      return event.status >= 500 || event.status === 429 ? 'warn' : 'info';
    case 'counts':
      return 'info';
    case 'problem':
    case 'left-out':
      return 'warn';
  }
}
