import type { OptimizerCounts } from './optimizer.ts';

/** What happens in the image process, for the log and the metrics; plain data, so that it passes between processes. */
export type ImageEvent =
  /** A picture was not served. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly reason: string;
      readonly path: string;
      readonly cause: string | null;
    }
  /** Something went wrong that a client did not notice: the disk, mostly. */
  | { readonly type: 'problem'; readonly message: string; readonly cause: string | null }
  /** Totals since the process began, every few seconds while they change. */
  | { readonly type: 'counts'; readonly counts: OptimizerCounts };
