import type { Clock } from '../clock.ts';
import type { RequestContext, RequestParts } from '../domains/context.ts';
import { createCallScope } from '../downstream/call-scope.ts';
import { createDeadline } from '../downstream/deadline.ts';
import { createCallReport, type LookupListener } from '../graphql/call-report.ts';
import type { GraphqlEngine } from '../graphql/engine.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { RateCaller, RateLimiter } from '../security/rate-limit.ts';
import { grantsOf } from '../security/viewer.ts';
import type { GraphqlHandler, GraphqlHttpAnswer, GraphqlHttpRequest } from './graphql-port.ts';
import { RateRefusal } from './rate-refusal.ts';

export interface GraphqlHandlerParts<C extends RequestContext> {
  readonly engine: GraphqlEngine<C>;
  /** The budget of one request. */
  readonly deadlineMs: number;
  /** For all of one request's waits on Redis together; as by default where not given. */
  readonly cacheWaitMs?: number | undefined;
  readonly clock: Clock;
  readonly tracing: Pick<Tracing, 'open'>;
  readonly limiter: Pick<RateLimiter, 'tryField'>;
  /** Told of every look-up in the cache, for the metrics. */
  readonly onLookup?: LookupListener;
  readonly createContext: (request: RequestParts) => C;
}

const givenAgain = { fresh: 1 };

/** Gives every GraphQL request its budget, its scope and its context, and takes them back when it is answered. */
export function createGraphqlHandler<C extends RequestContext>(parts: GraphqlHandlerParts<C>): GraphqlHandler {
  const { engine, deadlineMs, clock, tracing, limiter, createContext } = parts;

  async function handle(request: GraphqlHttpRequest): Promise<GraphqlHttpAnswer> {
    const { edge } = request;
    const deadline = createDeadline({
      budgetMs: Math.min(deadlineMs, edge.requestedTimeoutMs ?? deadlineMs),
      attemptCapMs: deadlineMs / 2,
      parent: edge.signal,
      clock,
    });
    let context: C | undefined;
    try {
      const answer = await engine.handle(request, (operation, variables) => {
        takeSensitive(edge.caller, operation.sensitiveFieldsIn(variables));
        const report = createCallReport(parts.onLookup);
        const scope = createCallScope({
          deadline,
          viewerId: edge.viewer?.id ?? null,
          grants: edge.viewer === null ? undefined : grantsOf(edge.viewer),
          authorization: edge.viewer?.authorization ?? null,
          correlationId: edge.id,
          traceparent: edge.traceparent,
          tracestate: edge.trace.state,
          trace: tracing.open(edge.trace),
          cacheWaitMs: parts.cacheWaitMs,
          report,
          clock,
        });
        context = createContext({ requestId: edge.id, viewer: edge.viewer, scope: { ...scope, report } });
        return context;
      });
      if (answer.usage.isGivenAgain) parts.onLookup?.('whole answer', givenAgain);
      return answer;
    } finally {
      context?.end();
      deadline.close();
    }
  }

  return { handle };

  function takeSensitive(caller: RateCaller, fields: readonly string[]): void {
    for (const field of fields) {
      const decision = limiter.tryField(caller, field);
      if (!decision.isAllowed) throw new RateRefusal(decision);
    }
  }
}
