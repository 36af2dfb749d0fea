import { isOutcomeUnknown } from '../../downstream/failure.ts';
import { AppError } from '../../errors.ts';
import { readIds } from '../../graphql/arguments.ts';
import { unreadable } from '../../wire-reader.ts';
import type { RequestContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** What every client does with notifications. */
export const notificationsResolvers = {
  Mutation: {
    markNotificationsRead: async (_root, { ids }, context) => {
      context.requireViewer();
      if (ids.length === 0) throw new AppError('BAD_USER_INPUT', '`ids` must hold one id or more.');
      const { notifications } = context.shared.clients;
      try {
        const mark = await context.write(
          (scope) => notifications.markRead(readIds(ids), scope),
          () => ({ reads: [notifications.unread.name] }),
        );
        const { readIds: read, unknownIds, unreadCount } = mark;
        const message = 'You have no notification of some of these ids.';
        return {
          readIds: unreadable(read) ?? [...read],
          unreadCount,
          failure:
            unreadable(unknownIds) ??
            (unknownIds.length > 0 ? { __typename: 'NotificationsNotFound', message, ids: [...unknownIds] } : null),
        };
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        const message = 'The notifications service did not confirm; marking them again changes nothing.';
        return { readIds: [], unreadCount: null, failure: { __typename: 'OutcomeUnknown', message } };
      }
    },
  },
} satisfies Resolvers<RequestContext>;
