import { unreadable } from '../../../shared/wire-reader.ts';
import type { WebContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** What a dashboard sees of the viewer beside what every client does. */
export const usersResolvers = {
  Viewer: {
    avatar: ({ avatar, name }) => unreadable(avatar) ?? (avatar && { ...avatar, alt: name }),
  },
} satisfies Resolvers<WebContext>;
