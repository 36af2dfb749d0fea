import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { createLoader } from '../../graphql/batching.ts';
import type { RecommendationsClient } from './client.ts';

/** One request's batched reads of the recommendations service. */
export function createRecommendationsLoaders(
  client: RecommendationsClient,
  reads: ReadThrough<CallScope>,
  scope: CallScope,
) {
  return {
    personal: createLoader((keys) => reads.many(client.personal, keys, scope), client.personal.keyOf),
    popular: createLoader((keys) => reads.many(client.popular, keys, scope), client.popular.keyOf),
  };
}
