import { isOutcomeUnknown } from '../../downstream/failure.ts';
import { AppError } from '../../errors.ts';
import { judge } from '../../graphql/judge.ts';
import type { RequestContext } from '../context.ts';
import type { Resolvers, UpdateProfileInput } from '../generated.ts';
import type { ProfileChanges } from './model.ts';

/** What every client sees of the viewer. */
export const usersResolvers = {
  Query: {
    viewer: async (_root, _args, context, info) => {
      if (context.viewer === null) return null;
      const profile = await context.loaders.users.viewer.load('me');
      return profile && judge(profile.viewer, context, info);
    },
  },

  Mutation: {
    updateProfile: async (_root, { input }, context) => {
      context.requireViewer();
      const changes = readChanges(input);
      const { users } = context.shared.clients;
      try {
        const outcome = await context.write(
          (scope) => users.changeProfile(changes, scope),
          () => ({ reads: [users.viewer.name] }),
        );
        return '__typename' in outcome ? { viewer: null, failure: outcome } : { viewer: outcome, failure: null };
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        const message = 'The profile may or may not have been changed; read it again.';
        return { viewer: null, failure: { __typename: 'OutcomeUnknown', message } };
      }
    },
  },
} satisfies Resolvers<RequestContext>;

function readChanges(input: UpdateProfileInput): ProfileChanges {
  const { name, locale, currency, marketingOptIn } = input;
  const changes = {
    ...(name == null ? {} : { name }),
    ...(locale == null ? {} : { locale }),
    ...(currency == null ? {} : { currency }),
    ...(marketingOptIn == null ? {} : { marketingOptIn }),
  };
  if (Object.keys(changes).length > 0) return changes;
  throw new AppError('BAD_USER_INPUT', '`input` must hold something to change.');
}
