import type { Attributes } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { FinishedSpan, SpanLink } from './finished-span.ts';
import { childOf, formatTraceparent, type TraceContext } from './trace-context.ts';

/** Where the steps of one traced request write their spans. A request that is not traced has none: to each step that is one look. */
export interface RequestTrace {
  /** A span that begins now, under this place; undefined where the request has had its share. */
  begin(name: string, kind: 'client' | 'internal'): OpenSpan | undefined;
}

export interface OpenSpan {
  /** For what this span leads to. */
  readonly inside: RequestTrace;
  /** The header that makes the next hop a child of it. */
  readonly traceparent: string;
  end(attributes?: Attributes, errorCode?: string): void;
}

/** A list of a hundred items with a read each is a trace that nobody can look at any more. */
const maxSpans = 200;

/** The place of what happens within a request whose own span is `trace`; at most 200 spans a request. */
export function createRequestTrace(
  record: (span: FinishedSpan) => void,
  { trace, links }: { readonly trace: TraceContext; readonly links?: readonly SpanLink[] | undefined },
  clock: Clock,
): RequestTrace {
  let left = maxSpans;

  function under(parent: TraceContext): RequestTrace {
    return {
      begin(name, kind) {
        if (left === 0) return undefined;
        left -= 1;
        // What others are linked to has no span above it that anybody writes down.
        const isLinked = links !== undefined && parent === trace;
        const own = isLinked ? { ...childOf(parent), parentSpanId: null } : childOf(parent);
        const startedMs = clock.nowMs();
        return {
          inside: under(own),
          traceparent: formatTraceparent(own),
          end: (attributes, errorCode) =>
            record({
              name,
              kind,
              trace: own,
              startedMs,
              durationMs: clock.nowMs() - startedMs,
              ...(isLinked ? { links } : {}),
              ...(attributes === undefined ? {} : { attributes }),
              ...(errorCode === undefined ? {} : { errorCode }),
            }),
        };
      },
    };
  }

  return under(trace);
}
