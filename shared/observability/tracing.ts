import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Clock } from '../clock.ts';
import type { FinishedSpan, SpanLink } from './finished-span.ts';
import { createRequestTrace, type RequestTrace } from './request-trace.ts';
import type { TraceContext } from './trace-context.ts';

/**
 * Spans are written down when they are over, by those who measured them anyway: no context is carried through promises, which
 * is what makes OpenTelemetry's own instrumentation of GraphQL cost 13 x.
 */
export interface Tracing {
  /** Whether a trace that begins here is recorded. */
  isSampled(): boolean;
  record(span: FinishedSpan): void;
  /** For the steps of a request; undefined where it is not traced. */
  open(trace: TraceContext, links?: readonly SpanLink[]): RequestTrace | undefined;
  /** Sends what is left, for at most 2 s. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** The collector's OTLP over HTTP, as `http://collector:4318/v1/traces`; null: no spans. */
  readonly otlpUrl: string | null;
  /** The share of traces that begin here and are recorded, 0 to 1. */
  readonly sampleRatio: number;
  readonly service: string;
  readonly clock: Clock;
  /** Told of spans that the collector did not take, and of those that it was too slow for. */
  readonly onDropped?: (count: number) => void;
}

const silent: Tracing = { isSampled: () => false, record: () => {}, open: () => undefined, close: async () => {} };

const maxQueueSize = 2048;

/** Sends spans in batches; a collector that is slow or gone costs spans and nothing else. */
export async function createTracing(options: TracingOptions): Promise<Tracing> {
  const { otlpUrl, clock } = options;
  if (otlpUrl === null) return silent;
  // Loaded only where it is used: the SDK would be a third of a start.
  const [{ BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  // The processor leaves spans out without a word: what is on its way is counted here.
  let waiting = 0;
  const exporter = new OTLPTraceExporter({ url: otlpUrl, timeoutMillis: 5000 });
  const processor = new BatchSpanProcessor({
    exporter: {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          waiting -= spans.length;
          if (result.code !== 0) options.onDropped?.(spans.length);
          done(result);
        }),
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
    maxQueueSize,
    maxExportBatchSize: 512,
    scheduledDelayMillis: 2000,
    exportTimeoutMillis: 5000,
  });
  const resource = resourceFromAttributes({ 'service.name': options.service });

  function record(span: FinishedSpan): void {
    if (!span.trace.isSampled) return;
    if (waiting >= maxQueueSize) {
      options.onDropped?.(1);
      return;
    }
    waiting += 1;
    const startedAtMs = clock.wallMs() - (clock.nowMs() - span.startedMs);
    processor.onEnd(toReadable(span, startedAtMs, resource));
  }

  return {
    isSampled: () => Math.random() < options.sampleRatio,
    record,
    open: (trace, links) => (trace.isSampled ? createRequestTrace(record, { trace, links }, clock) : undefined),
    async close() {
      const limit = new Promise<void>((resolve) => clock.schedule(2000, resolve));
      await Promise.race([processor.shutdown().catch(() => {}), limit]);
    },
  };
}

const kinds = { internal: 0, server: 1, client: 2 } as const;
const scope = { name: 'shop-bff' };

function toReadable(span: FinishedSpan, startedAtMs: number, resource: ReadableSpan['resource']): ReadableSpan {
  const { traceId, spanId, parentSpanId } = span.trace;
  const context = { traceId, spanId, traceFlags: 1 };
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => context,
    ...(parentSpanId === null
      ? {}
      : { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: 1, isRemote: span.kind === 'server' } }),
    startTime: toHrTime(startedAtMs),
    endTime: toHrTime(startedAtMs + span.durationMs),
    duration: toHrTime(span.durationMs),
    status: span.errorCode === undefined ? { code: 0 } : { code: 2, message: span.errorCode },
    attributes: span.attributes ?? {},
    links: (span.links ?? []).map((link) => ({ context: { ...link, traceFlags: 1 } })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function toHrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
