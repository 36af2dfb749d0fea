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
  /** The code that it failed with. */
  readonly errorCode?: string;
}
