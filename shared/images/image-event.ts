import type { RefusedRequest } from './image-failure.ts';
import type { OptimizerCounts } from './optimizer.ts';

/** What happens in the image process, for the log and the metrics; plain data, so that it passes between processes. */
export type ImageEvent =
  /** A picture was not served. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly reason: string;
      readonly path: string;
      /** Where its original was to come from; null where it did not get that far. */
      readonly origin: string | null;
      readonly cause: string | null;
    }
  /** Something went wrong that a client did not notice: the disk, mostly. */
  | { readonly type: 'problem'; readonly message: string; readonly cause: string | null }
  /** So many more were refused with this status in that second, or, where it is null, were problems. */
  | { readonly type: 'left-out'; readonly status: number | null; readonly count: number }
  /** Totals since the process began, every few seconds while they change. */
  | { readonly type: 'counts'; readonly counts: ImageCounts };

export interface ImageCounts extends OptimizerCounts {
  /** Requests that were answered at once: from memory, or that the client has the picture. */
  readonly hits: number;
  /** Requests that waited, for the disk or until the picture was made, and got it. */
  readonly misses: number;
}

export function refusedEvent({ cause, ...refusal }: RefusedRequest): ImageEvent {
  return { type: 'refused', ...refusal, cause: describeCause(cause) };
}

export function problemEvent(message: string, cause: unknown): ImageEvent {
  return { type: 'problem', message, cause: describeCause(cause) };
}

function describeCause(cause: unknown): string | null {
  if (cause === undefined || cause === null) return null;
  return (cause instanceof Error ? `${cause.name}: ${cause.message}` : 'not an error').slice(0, 500);
}
