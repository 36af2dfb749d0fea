import type { CallScope } from '../downstream/call-scope.ts';
import type { SpanLink } from '../observability/finished-span.ts';
import { beginTrace, formatTraceparent, randomHex, readTraceparent } from '../observability/trace-context.ts';
import type { Tracing } from '../observability/tracing.ts';

/**
 * The scope of a call that several requests wait for. It is nobody's: no viewer, a correlation id and a trace of its own, linked
 * to the span of each traced request, and it stands in the report of each.
 */
export function mergeScopes(
  scopes: readonly CallScope[],
  deadline: CallScope['deadline'],
  tracing: Pick<Tracing, 'open'> | undefined,
): CallScope {
  const links = scopes.flatMap(linkTo);
  const trace = beginTrace(links.length > 0);
  return {
    deadline,
    viewerId: null,
    authorization: null,
    correlationId: randomHex(16),
    traceparent: formatTraceparent(trace),
    trace: tracing?.open(trace, links),
    cacheWait: { leftMs: 0 },
    startedAtMs: 0,
    attemptCapMs: Math.max(...scopes.map(({ attemptCapMs }) => attemptCapMs ?? Infinity)),
    report: {
      add(call) {
        for (const { report, startedAtMs = 0 } of scopes)
          report.add({ ...call, startedMs: call.startedMs - startedAtMs });
      },
      addCacheLookup() {},
    },
  };
}

function linkTo({ trace, traceparent }: CallScope): SpanLink[] {
  const span = trace === undefined ? null : readTraceparent(traceparent);
  return span === null ? [] : [span];
}
