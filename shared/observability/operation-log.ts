import { createLineWriter, type Logger } from './logger.ts';

/** What the operation log says of one GraphQL request. */
export interface OperationEntry {
  readonly requestId: string;
  /** Null where it was refused before its trace was looked at. */
  readonly traceId: string | null;
  /** A pseudonym; null: anonymous. */
  readonly viewer: string | null;
  readonly client: string | null;
  readonly version: string | null;
  readonly operation: string | null;
  readonly operationId: string | null;
  readonly cost: number;
  readonly downstreamCalls: number;
  readonly degraded: number;
  readonly status: number;
  /** Codes of the errors in the answer, or of the refusal. */
  readonly errors: readonly string[];
  readonly ms: number;
  readonly bytes: number;
  /** In a word, what a slow request waited for. */
  readonly slow?: string | undefined;
}

export interface OperationLogOptions {
  /** From this on, a line says why; default 1000. */
  readonly slowAfterMs?: number;
}

/** One line a request. */
export function createOperationLog(logger: Logger, options: OperationLogOptions = {}): (entry: OperationEntry) => void {
  const slowAfterMs = options.slowAfterMs ?? 1000;
  const write = createLineWriter(logger, 'operation');
  return (entry) => {
    const isSlow = entry.ms >= slowAfterMs;
    write({ ...entry, ms: Math.round(entry.ms * 10) / 10, slow: isSlow ? (entry.slow ?? 'unknown') : undefined });
  };
}
