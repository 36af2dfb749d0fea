import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { createLoader } from '../../graphql/batching.ts';
import type { OrdersClient } from './client.ts';

/** One request's batched reads of the orders service. */
export function createOrdersLoaders(client: OrdersClient, reads: ReadThrough<CallScope>, scope: CallScope) {
  return {
    page: createLoader((keys) => reads.many(client.page, keys, scope), client.page.keyOf),
    byId: createLoader((keys) => reads.many(client.byId, keys, scope), client.byId.keyOf),
  };
}
