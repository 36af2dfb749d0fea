import { AppError } from '../errors.ts';
import type { AuditLog } from '../observability/audit-log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { OperationEntry } from '../observability/operation-log.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { AnsweredRequest, EdgeObserver, RefusedRequest } from './edge-observer.ts';
import type { EdgeRequest, ReportedUsage } from './graphql-port.ts';

export interface EdgeReporterOptions {
  readonly logOperation: (entry: OperationEntry) => void;
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  readonly tracing: Pick<Tracing, 'record'>;
  readonly pseudonymOf: (viewer: { readonly id: string }) => string;
}

/** Makes of every request its line in the operation log, its figures, its span, and, where somebody may be asked about it later, its line in the audit log. */
export function createEdgeReporter(options: EdgeReporterOptions): EdgeObserver {
  const { audit, metrics, tracing, logOperation, pseudonymOf } = options;

  function entryOf(
    edge: EdgeRequest,
    usage: ReportedUsage | undefined,
  ): Omit<OperationEntry, 'status' | 'errors' | 'ms' | 'bytes'> {
    return {
      requestId: edge.id,
      traceId: edge.trace.traceId,
      viewer: edge.viewer === null ? null : pseudonymOf(edge.viewer),
      client: edge.clientName,
      version: edge.clientVersion,
      operation: usage?.operationName ?? null,
      operationId: usage?.operationId ?? null,
      cost: usage?.cost ?? 0,
      downstreamCalls: usage?.downstreamCalls ?? 0,
      degraded: usage?.degradedCount ?? 0,
      ...(usage?.slowReason === undefined ? {} : { slow: usage.slowReason }),
    };
  }

  function answered({ edge, answer, durationMs, sentBytes }: AnsweredRequest): void {
    const { usage } = answer;
    // What failed because its client had left is no failure of ours, and no deadline's.
    const hasLeft = edge.signal.aborted;
    const status = hasLeft ? leftStatus : answer.status;
    const errors = (hasLeft ? undefined : usage?.errorCodes) ?? [];
    logOperation({ ...entryOf(edge, usage), status, errors, ms: durationMs, bytes: sentBytes });
    metrics.request({
      clientName: edge.clientName,
      clientVersion: edge.clientVersion,
      isTrusted: edge.viewer !== null,
      outcome: hasLeft ? 'left' : answer.status !== 200 ? 'error' : errors.length > 0 ? 'partial' : 'ok',
      durationMs,
      errorCodes: errors,
    });
    if (usage?.degradedCount) metrics.degraded(usage.degradedCount);
    for (const field of usage?.deprecatedFields ?? []) {
      metrics.deprecatedField(field, edge.clientName, edge.clientVersion);
    }
    if (usage?.operationType === 'mutation') auditMutation(edge, usage);
    else if (isRefusal(answer.status)) auditRefusal(edge, usage, errors[0] ?? 'BAD_REQUEST');
    else auditRefusedFields(edge, usage);
    recordSpan(edge, durationMs, { status, name: usage?.operationName ?? 'graphql', code: errors[0] });
  }

  function auditMutation(edge: EdgeRequest, usage: ReportedUsage): void {
    audit.record({
      event: 'mutation',
      who: edge.viewer?.id ?? null,
      what: usage.rootFields?.join(' ') || (usage.operationName ?? 'unnamed'),
      outcome: usage.errorCodes?.[0] ?? 'ok',
      requestId: edge.id,
      address: edge.address,
    });
  }

  /** A field that the viewer may not have leaves a null and an error in an answer that is otherwise well. */
  function auditRefusedFields(edge: EdgeRequest, usage: ReportedUsage | undefined): void {
    const code = usage?.errorCodes?.find((candidate) => candidate === 'FORBIDDEN' || candidate === 'UNAUTHENTICATED');
    if (code !== undefined) auditRefusal(edge, usage, code);
  }

  function auditRefusal(edge: EdgeRequest, usage: ReportedUsage | undefined, outcome: string): void {
    audit.record({
      event: 'refusal',
      who: edge.viewer?.id ?? null,
      what: usage?.operationName ?? 'unnamed',
      outcome,
      requestId: edge.id,
      address: edge.address,
    });
  }

  function refused(request: RefusedRequest): void {
    const { edge, code, requestId, status, durationMs, clientName, clientVersion } = request;
    metrics.request({
      clientName,
      clientVersion,
      isTrusted: false,
      outcome: 'refused',
      durationMs,
      errorCodes: [code],
    });
    if (request.isGraphql) {
      logOperation({
        ...(edge === null ? nobody : entryOf(edge, undefined)),
        requestId,
        client: clientName,
        version: clientVersion,
        status,
        errors: [code],
        ms: durationMs,
        bytes: 0,
      });
    }
    if (edge !== null) recordSpan(edge, durationMs, { status, name: 'graphql', code });
    if (request.isGraphql && isRefusal(status)) {
      audit.record({
        event: code === 'UNAUTHENTICATED' ? 'authentication' : 'refusal',
        who: edge?.viewer?.id ?? null,
        what: request.path,
        outcome: code,
        requestId,
        address: request.address,
        ...reasonOf(request.error),
      });
    }
  }

  function recordSpan(
    edge: EdgeRequest,
    durationMs: number,
    end: { status: number; name: string; code: string | undefined },
  ): void {
    tracing.record({
      name: end.name,
      kind: 'server',
      trace: edge.trace,
      startedMs: edge.startedMs,
      durationMs,
      attributes: { 'http.response.status_code': end.status, 'client.name': edge.clientName ?? 'none' },
      ...(end.code === undefined ? {} : { errorCode: end.code }),
    });
  }

  return { answered, refused };
}

/** In the operation log only, where nginx has made it known: nobody is there to be answered. */
const leftStatus = 499;

/** What there is to say of an operation that was refused before anybody was found behind it. */
const nobody: Pick<
  OperationEntry,
  'traceId' | 'viewer' | 'operation' | 'operationId' | 'cost' | 'downstreamCalls' | 'degraded'
> = {
  traceId: null,
  viewer: null,
  operation: null,
  operationId: null,
  cost: 0,
  downstreamCalls: 0,
  degraded: 0,
};

/** What the caller may not have, or not in this way; a failure or an overload of ours is for the other logs. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

/** The verifier says why it refused a token; no client is told. */
function reasonOf(error: unknown): { reason?: string } {
  if (!(error instanceof AppError) || typeof error.problem !== 'object' || error.problem === null) return {};
  return 'reason' in error.problem && typeof error.problem.reason === 'string' ? { reason: error.problem.reason } : {};
}
