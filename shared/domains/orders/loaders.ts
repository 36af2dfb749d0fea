import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { type Asking, createReadLoader } from '../../graphql/batching.ts';
import type { OrdersClient } from './client.ts';

/** One request's batched reads of the orders service. */
export function createOrdersLoaders(client: OrdersClient, reads: ReadThrough<CallScope>, asking: Asking<CallScope>) {
  return {
    page: createReadLoader((keys, scope) => reads.many(client.page, keys, scope), client.page.keyOf, asking),
    byId: createReadLoader((keys, scope) => reads.many(client.byId, keys, scope), client.byId.keyOf, asking),
  };
}
