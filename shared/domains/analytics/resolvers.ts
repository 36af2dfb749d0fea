import { AppError } from '../../errors.ts';
import { readId } from '../../graphql/arguments.ts';
import type { RequestContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

const maxActivities = 100;

/** What every client does with analytics. */
export const analyticsResolvers = {
  Mutation: {
    trackActivity: (_root, { activities }, context) => {
      if (activities.length > maxActivities) {
        throw new AppError('BAD_USER_INPUT', `\`activities\` takes at most ${maxActivities} activities.`);
      }
      const { activities: buffer, clock } = context.shared;
      const arrivedAt = new Date(clock.wallMs()).toISOString();
      const viewerId = context.viewer?.id ?? null;
      const accepted = buffer.add(
        activities.map(({ type, subjectId, at }) => ({
          type,
          subjectId: subjectId == null ? null : readId(subjectId, 'activities.subjectId'),
          at: at ?? arrivedAt,
          viewerId,
        })),
      );
      const dropped = activities.length - accepted;
      const message = 'There was no room for all of them; try later or let them go.';
      return { accepted, failure: dropped > 0 ? { __typename: 'ActivityBufferFull', message, dropped } : null };
    },
  },
} satisfies Resolvers<RequestContext>;
