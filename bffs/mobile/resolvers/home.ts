import { readPageSize } from '../../../shared/graphql/arguments.ts';
import { judge } from '../../../shared/graphql/judge.ts';
import { unreadable } from '../../../shared/wire-reader.ts';
import type { MobileContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';
import type { HomeModel } from './home-model.ts';

const home: HomeModel = {};

const activeStatuses = ['CONFIRMED', 'PENDING', 'SHIPPED'] as const;

/** The phone's home screen. */
export const homeResolvers = {
  Query: { home: () => home },

  Home: {
    viewer: async (_home, _args, context, info) => {
      if (context.viewer === null) return null;
      const profile = await context.section('users', () => context.loaders.users.viewer.load('me'));
      return profile && judge(profile.viewer, context, info);
    },
    recommendations: async (_home, { first }, context, info) => {
      const { personal, popular } = context.loaders.recommendations;
      const list = context.viewer === null ? popular : personal;
      const found = await context.section('recommendations', () => list.load(readPageSize(first)));
      if (found === null) return [];
      const recommendations = await judge(found.list, context, info);
      return context.sectionItems('catalog', () =>
        recommendations.map((recommendation) => {
          const productId = unreadable(recommendation) ?? recommendation.productId;
          return context.loaders.catalog.product(productId, context, { itemOf: info });
        }),
      );
    },
    activeOrders: async (_home, { first }, context, info) => {
      if (context.viewer === null) return null;
      const request = { statuses: activeStatuses, first: readPageSize(first), after: undefined };
      const found = await context.section('orders', () => context.loaders.orders.page.load(request));
      return found && (await judge(found.page, context, info)).orders;
    },
  },
} satisfies Resolvers<MobileContext>;
