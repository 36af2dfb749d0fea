import { AsyncLocalStorage } from 'node:async_hooks';
import type { GraphQLError } from 'graphql';
import type { EngineContext } from './engine-context.ts';
import type { Operation } from './execution/operation.ts';

/** One request on its way through Apollo, which copies the context it is given: what must keep its identity lives here. */
export interface Exchange<C extends EngineContext = EngineContext> {
  readonly requestId: string;
  /** The codes of the answer's errors. */
  readonly errorCodes: Set<string>;
  /** Known once the document is, and 0 until then. */
  cost: number;
  operation?: Operation;
  /** Set once the request is fit to run. */
  ready?: ReadyExchange<C>;
  /** Set where it is not: what it is answered with. */
  refusals?: readonly GraphQLError[];
}

export interface ReadyExchange<C extends EngineContext> {
  readonly operation: Operation;
  /** Coerced by the operation's own definitions. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: C;
}

/** The current exchange: Apollo gives `formatError` no request, yet every error carries its request's id. */
export const currentExchange = new AsyncLocalStorage<Exchange>();
