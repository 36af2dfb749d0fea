import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { type Asking, createReadLoader } from '../../graphql/batching.ts';
import type { RecommendationsClient } from './client.ts';

/** One request's batched reads of the recommendations service. */
export function createRecommendationsLoaders(
  client: RecommendationsClient,
  reads: ReadThrough<CallScope>,
  asking: Asking<CallScope>,
) {
  return {
    personal: createReadLoader(
      (keys, scope) => reads.many(client.personal, keys, scope),
      client.personal.keyOf,
      asking,
    ),
    popular: createReadLoader((keys, scope) => reads.many(client.popular, keys, scope), client.popular.keyOf, asking),
  };
}
