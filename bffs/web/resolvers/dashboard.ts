import type { GraphQLResolveInfo } from 'graphql';
import type { UnreadNotifications } from '../../../shared/domains/notifications/model.ts';
import type { OrderPage } from '../../../shared/domains/orders/model.ts';
import type { AppError } from '../../../shared/errors.ts';
import { readPageSize } from '../../../shared/graphql/arguments.ts';
import { judgeSourced } from '../../../shared/graphql/judge.ts';
import type { Sourced } from '../../../shared/provenance.ts';
import { unreadable } from '../../../shared/wire-reader.ts';
import type { WebContext } from '../context.ts';
import type { Period, Resolvers } from '../generated.ts';
import type { DashboardModel } from './dashboard-model.ts';

/** The web dashboard. */
export const dashboardResolvers = {
  Query: {
    dashboard: (_root, { period }, context): DashboardModel => {
      context.requireViewer();
      return { period };
    },
  },

  Dashboard: {
    profile: async (_dashboard, _args, context, info) => {
      const found = await context.section('users', () => context.loaders.users.viewer.load('me'));
      return found && judgeSection(found.viewer, (viewer) => ({ viewer }), context, info);
    },
    orders: async (_dashboard, { first }, context, info) => {
      const request = { statuses: [], first: readPageSize(first), after: undefined };
      const found = await context.section('orders', () => context.loaders.orders.page.load(request));
      const section = ({ totalCount, orders }: OrderPage) => ({ totalCount, nodes: orders });
      return found && judgeSection(found.page, section, context, info);
    },
    recommendations: async (_dashboard, { first }, context, info) => {
      const found = await context.section('recommendations', () =>
        context.loaders.recommendations.personal.load(readPageSize(first)),
      );
      return found && judgeSection(found.list, (nodes) => ({ nodes }), context, info);
    },
    analytics: async ({ period }, _args, context, info) => {
      const found = await context.section('analytics', () =>
        context.loaders.analytics.spending.load({ days: periodDays[period] }),
      );
      return found && judgeSection(found.spending, (spending) => spending, context, info);
    },
    notifications: async (_dashboard, { first }, context, info) => {
      const found = await context.section('notifications', () =>
        context.loaders.notifications.unread.load(readPageSize(first)),
      );
      const section = ({ unreadCount, notifications }: UnreadNotifications) => ({ unreadCount, nodes: notifications });
      return found && judgeSection(found.unread, section, context, info);
    },
  },

  Recommendation: {
    product: ({ productId }, _args, context, info) =>
      context.section('catalog', () => context.loaders.catalog.product(productId, context, info)),
  },

  RecommendationReason: {
    basedOn: ({ basedOnProductId }, _args, context, info) =>
      basedOnProductId === null
        ? null
        : context.section('catalog', () => context.loaders.catalog.product(basedOnProductId, context, info)),
  },

  AnalyticsSection: {
    changePercent: ({ totals, previousTotals }) =>
      unreadable(totals, previousTotals, totals.spent, previousTotals.spent) ??
      changePercent(previousTotals.spent.amount, totals.spent.amount),
    topCategories: ({ categories }, { first }) => {
      if (categories instanceof Error) throw categories;
      return categories.slice(0, readPageSize(first));
    },
  },

  CategorySpending: {
    category: ({ categoryId }, _args, context, info) =>
      context.section('catalog', () => context.loaders.catalog.category(categoryId, context, info)),
  },
} satisfies Resolvers<WebContext>;

/** With one decimal; null where there was nothing before. */
function changePercent(before: number, now: number): number | null {
  return before > 0 ? Math.round((now / before - 1) * 1000) / 10 : null;
}

async function judgeSection<V, Section extends object>(
  sourced: Sourced<V> | AppError,
  toSection: (value: V) => Section,
  context: WebContext,
  info: GraphQLResolveInfo,
): Promise<Section & { asOf: string }> {
  const { value, fetchedAtMs } = await judgeSourced(sourced, context, info);
  context.tellsWhenFetched();
  return { ...toSection(value), asOf: new Date(fetchedAtMs).toISOString() };
}

const periodDays: Readonly<Record<Period, number>> = { LAST_30_DAYS: 30, LAST_90_DAYS: 90, LAST_12_MONTHS: 365 };
