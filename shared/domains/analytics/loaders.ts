import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { type Asking, createReadLoader } from '../../graphql/batching.ts';
import type { AnalyticsClient } from './client.ts';

/** One request's batched reads of the analytics service. */
export function createAnalyticsLoaders(
  client: AnalyticsClient,
  reads: ReadThrough<CallScope>,
  asking: Asking<CallScope>,
) {
  return {
    spending: createReadLoader(
      (keys, scope) => reads.many(client.spending, keys, scope),
      client.spending.keyOf,
      asking,
    ),
  };
}
