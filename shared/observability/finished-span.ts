import type { Attributes } from '@opentelemetry/api';
import type { TraceContext } from './trace-context.ts';

/** Something that took time, told when it is over. */
export interface FinishedSpan {
  readonly name: string;
  /** `server`: a request to us; `client`: a call of ours; `internal`: what lies between. */
  readonly kind: 'server' | 'client' | 'internal';
  readonly trace: TraceContext;
  /** `Clock.nowMs()` when it began. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly attributes?: Attributes;
  /** The spans that wait for it besides the one above it. */
  readonly links?: readonly SpanLink[];
  /** The code that it failed with. */
  readonly errorCode?: string;
}

/** A span elsewhere, of another trace perhaps. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}
