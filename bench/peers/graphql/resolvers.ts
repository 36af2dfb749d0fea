import { formatMoney, type MoneyModel } from '../../../shared/money.ts';
import { cardPicture, thumbPicture } from '../pictures.ts';
import {
  toEnum,
  type WireNotification,
  type WireOrder,
  type WireOrderLine,
  type WireProduct,
  type WireRecommendation,
  type WireSpending,
  type WireTotals,
  type WireUser,
} from '../wire.ts';
import type { PeerContext } from './context.ts';

/** As every server of JavaScript takes them: by type and field. */
export type PeerResolvers = Readonly<
  Record<string, Readonly<Record<string, (parent: never, args: never, context: PeerContext) => unknown>>>
>;

interface First {
  readonly first: number;
}

const productResolvers = {
  price: async ({ prices }: WireProduct, _args: unknown, context: PeerContext) => {
    const { currency } = await context.me();
    return prices.find((price) => price.currency === currency) ?? null;
  },
  availability: ({ stock }: WireProduct) => toEnum(stock.status),
};

const orderResolvers = { status: ({ status }: WireOrder) => toEnum(status) };

const moneyResolvers = {
  formatted: async (money: MoneyModel, { locale }: { locale?: string | null }, context: PeerContext) =>
    formatMoney(money, locale ?? (await context.me()).locale),
};

/** The phone's home. */
export const homeResolvers: PeerResolvers = {
  Query: { home: () => ({}) },
  Home: {
    viewer: (_home: object, _args: unknown, context: PeerContext) => context.me(),
    recommendations: async (_home: object, { first }: First, { services, viewer, products }: PeerContext) => {
      const { items } = await services.recommendations(viewer, first);
      return products(items.map(({ productId }) => productId));
    },
    activeOrders: async (_home: object, { first }: First, { services, viewer }: PeerContext) =>
      (await services.activeOrders(viewer, first)).items,
  },
  Viewer: { avatar: (user: WireUser) => thumbPicture(user) },
  Product: { ...productResolvers, image: (product: WireProduct) => cardPicture(product) },
  Order: orderResolvers,
  Money: moneyResolvers,
};

const now = () => new Date().toISOString();

/** The web dashboard. */
export const dashboardResolvers: PeerResolvers = {
  Query: { dashboard: () => ({}) },
  Dashboard: {
    profile: async (_dashboard: object, _args: unknown, context: PeerContext) => ({
      asOf: now(),
      viewer: await context.me(),
    }),
    orders: async (_dashboard: object, { first }: First, { services, viewer }: PeerContext) => {
      const { items, total } = await services.orders(viewer, first);
      return { asOf: now(), totalCount: total, nodes: items };
    },
    recommendations: async (_dashboard: object, { first }: First, { services, viewer }: PeerContext) => ({
      asOf: now(),
      nodes: (await services.recommendations(viewer, first)).items,
    }),
    analytics: async (_dashboard: object, _args: unknown, { services, viewer }: PeerContext) => ({
      asOf: now(),
      ...(await services.spending(viewer)),
    }),
    notifications: async (_dashboard: object, { first }: First, { services, viewer }: PeerContext) => {
      const { items, unreadCount } = await services.notifications(viewer, first);
      return { asOf: now(), unreadCount, nodes: items };
    },
  },
  Product: {
    ...productResolvers,
    stock: ({ stock }: WireProduct) => stock.available,
    image: ({ images }: WireProduct) => images[0] ?? null,
  },
  Order: orderResolvers,
  OrderLine: {
    product: ({ productId }: WireOrderLine, _args: unknown, context: PeerContext) => context.product(productId),
  },
  Recommendation: {
    product: ({ productId }: WireRecommendation, _args: unknown, context: PeerContext) => context.product(productId),
  },
  RecommendationReason: {
    code: ({ code }: WireRecommendation['reason']) => toEnum(code),
    basedOn: ({ basedOnProductId }: WireRecommendation['reason'], _args: unknown, context: PeerContext) =>
      basedOnProductId === null ? null : context.product(basedOnProductId),
  },
  AnalyticsSection: {
    previousTotals: ({ previous }: WireSpending) => previous.totals,
    changePercent: ({ totals, previous }: WireSpending) => {
      const before = previous.totals.spent.amount;
      return before > 0 ? Math.round((totals.spent.amount / before - 1) * 1000) / 10 : null;
    },
    topCategories: ({ categories, totals }: WireSpending, { first }: First) =>
      categories.slice(0, first).map(({ label, spent }) => ({
        name: label,
        spent,
        sharePercent: totals.spent.amount > 0 ? Math.round((spent.amount / totals.spent.amount) * 1000) / 10 : 0,
      })),
  },
  SpendingTotals: {
    orderCount: ({ orders }: WireTotals) => orders,
    productCount: ({ items }: WireTotals) => items,
  },
  MonthlySpending: { orderCount: ({ orders }: { orders: number }) => orders },
  Notification: { kind: ({ kind }: WireNotification) => toEnum(kind) },
  Money: moneyResolvers,
};
