import type { CachedRead } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { readDone } from '../../downstream/done-write.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
import { WireReader } from '../../wire-reader.ts';
import type { NotificationModel, ReadMark, UnreadNotifications } from './model.ts';

export const notificationsEndpoints = {
  unread: {
    service: 'notifications',
    method: 'GET',
    route: '/notifications',
    identity: 'viewer',
    query: ['userId', 'unread', 'limit'],
  },
  markRead: { service: 'notifications', method: 'POST', route: '/notifications/read', identity: 'viewer' },
} as const satisfies Record<string, Endpoint>;

const kinds = new Map<string, NotificationModel['kind']>([
  ['order', 'ORDER'],
  ['offer', 'OFFER'],
  ['account', 'ACCOUNT'],
]);

/** The notifications service's reads and writes; all of them about the viewer. */
export interface NotificationsClient {
  /** By how many are wanted. */
  readonly unread: CachedRead<number, { readonly unread: UnreadNotifications }, CallScope>;
  markRead(ids: readonly string[], scope: CallScope): Promise<ReadMark>;
}

/** Declares every call that this layer makes to the notifications service. */
export function createNotificationsClient(downstream: Downstream): NotificationsClient {
  return {
    unread: {
      name: 'notifications.unread',
      service: 'notifications',
      audience: 'viewer',
      maxBatch: 1,
      parts: { unread: { version: 1, windows: { freshForMs: 0, revalidateForMs: 0, keepForMs: 600_000 } } },
      keyOf: (first) => [String(first)],
      async fetch([first], scope) {
        if (first === undefined || scope.viewerId === null) return new Map();
        const query = { userId: scope.viewerId, unread: true, limit: first };
        const answer = await downstream.call(notificationsEndpoints.unread, { query }, scope);
        return new Map([[first, { unread: readUnread(answer.body, scope.viewerId) }]]);
      },
    },
    async markRead(ids, scope) {
      const body = { userId: scope.viewerId, ids };
      const answer = await downstream.call(notificationsEndpoints.markRead, { body, keyCount: ids.length }, scope);
      return readDone('notifications', () => readMark(answer.body, scope.viewerId));
    },
  };
}

function readMark(body: unknown, viewerId: string | null): ReadMark {
  const wire = new WireReader('notifications');
  const record = wire.ownedRecord(body, 'marks', viewerId);
  return {
    readIds: wire.texts(record, 'readIds'),
    unknownIds: wire.texts(record, 'unknownIds'),
    unreadCount: wire.integer(record, 'unreadCount'),
  };
}

function readUnread(body: unknown, viewerId: string): UnreadNotifications {
  const wire = new WireReader('notifications');
  const record = wire.ownedRecord(body, 'notifications', viewerId);
  const notifications = wire.list(record, 'items').map((item) => {
    const notification = wire.ownedRecord(item, 'items', viewerId);
    return {
      id: wire.key(notification, 'id'),
      kind: wire.word(notification, 'kind', kinds),
      title: wire.text(notification, 'title'),
      body: wire.text(notification, 'body'),
      createdAt: wire.time(notification, 'createdAt'),
    };
  });
  return wire.finish({ unreadCount: wire.integer(record, 'unreadCount'), notifications });
}
