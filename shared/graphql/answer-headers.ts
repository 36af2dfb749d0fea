import type { Exchange } from './exchange.ts';

export interface AnswerFacts {
  readonly method: string;
  readonly status: number;
  /** How long a public answer may be shared, in seconds. */
  readonly publicMaxAgeSeconds: number;
}

/**
 * The `Cache-Control` of an answer. Only what is proved to be the same for everybody is shared: the answer to a query by GET,
 * complete, fresh, and made without a look at who asks.
 */
export function cacheControlOf(exchange: Exchange, { method, status, publicMaxAgeSeconds }: AnswerFacts): string {
  const { ready } = exchange;
  if (ready === undefined) return 'no-store';
  const { context, operation } = ready;
  if (context.audience.isPersonal) return 'private, no-store';
  const isShared =
    method === 'GET' &&
    status === 200 &&
    operation.definition.operation === 'query' &&
    !operation.isNeverStale &&
    context.degraded.count === 0 &&
    exchange.errorCodes.size === 0;
  return isShared ? `public, max-age=${publicMaxAgeSeconds}` : 'no-store';
}
