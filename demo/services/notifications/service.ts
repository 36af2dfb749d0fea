import type { NotificationSeed } from '../../world/notifications.ts';
import { requireSelf } from '../caller.ts';
import { createIdempotencyStore } from '../idempotency.ts';
import { cursorParameter, limitParameter, pageOf } from '../paging.ts';
import { nullable, objectOf, ref, type Schemas } from '../schema.ts';
import type { Route, Service } from '../service.ts';
import { idSchema, instantSchema, userIdParameter } from '../wire.ts';
import { createNotificationStore, type NotificationStore } from './store.ts';

const countSchema = { type: 'integer', minimum: 0 } as const;
const schemas: Schemas = {
  Notification: objectOf({
    id: idSchema,
    userId: idSchema,
    kind: { type: 'string', enum: ['order', 'offer', 'account'] },
    title: { type: 'string' },
    body: { type: 'string' },
    createdAt: instantSchema,
    readAt: nullable(instantSchema),
  }),
  NotificationPage: pageOf(ref('Notification'), { userId: idSchema, unreadCount: countSchema }),
  ReadMark: objectOf({
    userId: idSchema,
    // Not only of the usual shape: an id that cannot exist is an unknown one.
    ids: { type: 'array', items: { type: 'string', maxLength: 255 }, minItems: 1, maxItems: 100 },
  }),
  ReadOutcome: objectOf({
    userId: idSchema,
    readIds: { type: 'array', items: { type: 'string' } },
    unknownIds: { type: 'array', items: { type: 'string' } },
    unreadCount: countSchema,
  }),
};

function createRoutes(store: NotificationStore): Route[] {
  return [
    {
      operation: {
        method: 'GET',
        path: '/notifications',
        operationId: 'getNotifications',
        summary: 'A viewer’s notifications, newest first.',
        access: 'viewer',
        parameters: [
          userIdParameter,
          {
            name: 'unread',
            in: 'query',
            description: 'Only those not read yet.',
            schema: { type: 'boolean', default: false },
          },
          limitParameter,
          cursorParameter,
        ],
        answers: { 200: { description: 'A page.', schema: ref('NotificationPage') } },
      },
      handle(request) {
        const userId = request.query.text('userId') ?? '';
        requireSelf(request, userId);
        const page = store.list(userId, {
          onlyUnread: request.query.flag('unread') ?? false,
          limit: request.query.integer('limit') ?? 20,
          cursor: request.query.text('cursor'),
        });
        return { status: 200, body: { userId, ...page, unreadCount: store.countUnread(userId) } };
      },
    },
    {
      operation: {
        method: 'POST',
        path: '/notifications/read',
        operationId: 'markNotificationsRead',
        summary: 'Marks these as read; doing it twice changes nothing.',
        access: 'viewer',
        body: ref('ReadMark'),
        idempotency: 'optional',
        answers: { 200: { description: 'What is read now.', schema: ref('ReadOutcome') } },
      },
      handle(request) {
        // The dispatcher has checked the body against ReadMark.
        const { userId, ids } = request.body as { userId: string; ids: string[] };
        requireSelf(request, userId);
        const marked = store.markRead(userId, ids);
        return { status: 200, body: { userId, ...marked, unreadCount: store.countUnread(userId) } };
      },
    },
  ];
}

/** What the shop has to tell its viewers. */
export function createNotificationsService(seeds: readonly NotificationSeed[], options: { now: () => Date }): Service {
  const store = createNotificationStore(seeds, options);
  return {
    name: 'notifications',
    title: 'Notifications',
    schemas,
    routes: createRoutes(store),
    idempotency: createIdempotencyStore(store.database, options),
    close: () => store.database.close(),
  };
}
