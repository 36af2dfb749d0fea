import type { Clock } from '../clock.ts';
import { createLineBudget } from '../observability/line-budget.ts';
import type { ImageEvent } from './image-event.ts';

/** Of each status, and of problems: enough to see what goes on. A stranger may be refused 10,000 times a second. */
const maxPerSecond = 20;

/**
 * Hands on what a flood leaves readable. At the source, and not where lines are written: each event is a message between
 * processes too, and behind a backlog of them the process that answers everybody looks as if it hung.
 */
export function boundEvents(onEvent: (event: ImageEvent) => void, clock: Clock): (event: ImageEvent) => void {
  const mayTell = createLineBudget<number | null>({
    maxPerSecond,
    onLeftOut: (status, count) => onEvent({ type: 'left-out', status, count }),
    clock,
  });

  function isTold(event: ImageEvent): boolean {
    switch (event.type) {
      case 'refused':
        return mayTell(event.status);
      case 'problem':
        return mayTell(null);
      case 'left-out':
      case 'counts':
        return true;
    }
  }

  return (event) => {
    if (isTold(event)) onEvent(event);
  };
}
