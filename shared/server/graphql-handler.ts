import type { Clock } from '../clock.ts';
import type { RequestContext, RequestParts } from '../domains/context.ts';
import { createCallScope } from '../downstream/call-scope.ts';
import { createDeadline } from '../downstream/deadline.ts';
import { createCallReport } from '../graphql/call-report.ts';
import type { GraphqlEngine } from '../graphql/engine.ts';
import type { GraphqlHandler, GraphqlHttpAnswer, GraphqlHttpRequest } from './graphql-port.ts';

export interface GraphqlHandlerParts<C extends RequestContext> {
  readonly engine: GraphqlEngine<C>;
  /** The budget of one request. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly createContext: (request: RequestParts) => C;
}

/** Gives every GraphQL request its budget, its scope and its context, and takes them back when it is answered. */
export function createGraphqlHandler<C extends RequestContext>(parts: GraphqlHandlerParts<C>): GraphqlHandler {
  const { engine, deadlineMs, clock, createContext } = parts;

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
      return await engine.handle(request, () => {
        const report = createCallReport();
        const scope = createCallScope({
          deadline,
          viewerId: edge.viewer?.id ?? null,
          authorization: edge.viewer?.authorization ?? null,
          correlationId: edge.id,
          traceparent: edge.traceparent,
          report,
          clock,
        });
        context = createContext({ requestId: edge.id, viewer: edge.viewer, scope: { ...scope, report } });
        return context;
      });
    } finally {
      context?.end();
      deadline.close();
    }
  }

  return { handle };
}
