import type { Exchange } from './exchange.ts';

/** What an answer cost and did, for the rate limit, the operation log, the audit log and the metrics. */
export interface OperationUsage {
  /** Null where it has none, or none was found. */
  readonly operationName: string | null;
  readonly operationType?: 'query' | 'mutation' | 'subscription';
  /** `sha256:<hex>` of the document. */
  readonly operationId?: string;
  /** Its fields at the root, one for each alias. */
  readonly rootFields: readonly string[];
  /** The deprecated fields that it asked for. */
  readonly deprecatedFields: readonly string[];
  /** By the schema's cost model, variables included. */
  readonly cost: number;
  readonly downstreamCalls: number;
  /** Rate-limit points on top of the request's own: one for each downstream call that was let out. */
  readonly points: number;
  /** Values that were served degraded. */
  readonly degradedCount: number;
  /** The codes of the answer's errors, each once. */
  readonly errorCodes: readonly string[];
  readonly durationMs: number;
  /** Whether it was not made for this request, but for one before it. */
  readonly isGivenAgain?: boolean;
  /** In a word, what a slow answer was waiting for. */
  readonly slowReason?: string;
}

/** Sums an exchange up once its answer is there. */
export function usageOf(exchange: Exchange, durationMs: number, slowAfterMs: number): OperationUsage {
  const { operation, ready, cost } = exchange;
  const downstreamCalls = ready?.context.report.callCount ?? 0;
  return {
    operationName: operation?.name ?? null,
    ...(operation === undefined
      ? {}
      : { operationType: operation.definition.operation, operationId: operation.documentId }),
    rootFields: operation?.rootFields ?? [],
    deprecatedFields: operation?.deprecatedFields ?? [],
    cost,
    downstreamCalls,
    points: ready?.context.report.sentCount ?? 0,
    degradedCount: ready?.context.degraded.count ?? 0,
    errorCodes: [...exchange.errorCodes],
    durationMs,
    ...(ready !== undefined && durationMs >= slowAfterMs
      ? { slowReason: ready.context.report.slowReason(durationMs) }
      : {}),
  };
}
