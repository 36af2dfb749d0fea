import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { createLoader } from '../../graphql/batching.ts';
import type { NotificationsClient } from './client.ts';

/** One request's batched reads of the notifications service. */
export function createNotificationsLoaders(
  client: NotificationsClient,
  reads: ReadThrough<CallScope>,
  scope: CallScope,
) {
  return {
    unread: createLoader((keys) => reads.many(client.unread, keys, scope), client.unread.keyOf),
  };
}
