import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { type Asking, createReadLoader } from '../../graphql/batching.ts';
import type { UsersClient } from './client.ts';

/** One request's batched reads of the users service. */
export function createUsersLoaders(client: UsersClient, reads: ReadThrough<CallScope>, asking: Asking<CallScope>) {
  return {
    viewer: createReadLoader((keys, scope) => reads.many(client.viewer, keys, scope), client.viewer.keyOf, asking),
  };
}
