import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { type Asking, createReadLoader } from '../../graphql/batching.ts';
import type { NotificationsClient } from './client.ts';

/** One request's batched reads of the notifications service. */
export function createNotificationsLoaders(
  client: NotificationsClient,
  reads: ReadThrough<CallScope>,
  asking: Asking<CallScope>,
) {
  return {
    unread: createReadLoader((keys, scope) => reads.many(client.unread, keys, scope), client.unread.keyOf, asking),
  };
}
