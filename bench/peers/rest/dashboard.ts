import { formatMoney, type MoneyModel } from '../../../shared/money.ts';
import type { PeerViewer, Services } from '../services.ts';
import {
  toEnum,
  type WireNotifications,
  type WireOrder,
  type WireProduct,
  type WireRecommendation,
  type WireSpending,
  type WireTotals,
  type WireUser,
} from '../wire.ts';

interface Shown {
  readonly user: WireUser;
  readonly products: ReadonlyMap<string, WireProduct>;
  readonly asOf: string;
}

/** The web dashboard as a team writes it by hand: five sections side by side, then all their products in one batch. */
export async function readDashboard(services: Services, viewer: PeerViewer) {
  const [user, orders, recommendations, spending, notifications] = await Promise.all([
    services.user(viewer),
    services.orders(viewer, 20),
    services.recommendations(viewer, 10),
    services.spending(viewer),
    services.notifications(viewer, 20),
  ]);
  const products = await services.products([
    ...orders.items.flatMap(({ lines }) => lines.map(({ productId }) => productId)),
    ...recommendations.items.flatMap(({ productId, reason }) =>
      reason.basedOnProductId === null ? [productId] : [productId, reason.basedOnProductId],
    ),
  ]);
  const shown = { user, products, asOf: new Date().toISOString() };
  return {
    profile: { asOf: shown.asOf, viewer: toProfile(user) },
    orders: {
      asOf: shown.asOf,
      totalCount: orders.total,
      nodes: orders.items.map((order) => toOrder(order, shown)),
    },
    recommendations: {
      asOf: shown.asOf,
      nodes: recommendations.items.map((recommendation) => toRecommendation(recommendation, shown)),
    },
    analytics: toAnalytics(spending, shown),
    notifications: toNotifications(notifications, shown),
  };
}

function toMoney({ amount, currency }: MoneyModel, { locale }: WireUser) {
  return { amount, currency, formatted: formatMoney({ amount, currency }, locale) };
}

function toProfile(user: WireUser) {
  const { id, name, email, phone, locale, currency, memberSince, marketingOptIn, avatar, loyalty, addresses } = user;
  return {
    id,
    name,
    email,
    phone,
    locale,
    currency,
    memberSince,
    marketingOptIn,
    avatar: { url: avatar.url },
    loyalty,
    addresses,
  };
}

/** Only what the screen shows: the services answer more. */
function toOrder(order: WireOrder, shown: Shown) {
  return {
    id: order.id,
    status: toEnum(order.status),
    placedAt: order.placedAt,
    estimatedDelivery: order.estimatedDelivery,
    total: toMoney(order.total, shown.user),
    lines: order.lines.map((line) => ({
      name: line.name,
      quantity: line.quantity,
      unitPrice: toMoney(line.unitPrice, shown.user),
      product: toProduct(shown.products.get(line.productId), shown.user),
    })),
  };
}

function toProduct(product: WireProduct | undefined, user: WireUser) {
  if (product === undefined) return null;
  const price = product.prices.find(({ currency }) => currency === user.currency);
  const [picture] = product.images;
  return {
    id: product.id,
    name: product.name,
    price: price === undefined ? null : toMoney(price, user),
    image:
      picture === undefined
        ? null
        : { url: picture.url, width: picture.width, height: picture.height, alt: picture.alt },
  };
}

function toRecommendation({ productId, reason }: WireRecommendation, shown: Shown) {
  const product = shown.products.get(productId);
  const basedOn = reason.basedOnProductId === null ? undefined : shown.products.get(reason.basedOnProductId);
  return {
    reason: {
      code: toEnum(reason.code),
      basedOn: basedOn === undefined ? null : { id: basedOn.id, name: basedOn.name },
    },
    product:
      product === undefined
        ? null
        : {
            ...toProduct(product, shown.user),
            stock: product.stock.available,
            availability: toEnum(product.stock.status),
          },
  };
}

function toTotals({ spent, orders, items }: WireTotals, user: WireUser) {
  return { spent: toMoney(spent, user), orderCount: orders, productCount: items };
}

function toAmount({ amount, currency }: MoneyModel, { locale }: WireUser) {
  return { amount, formatted: formatMoney({ amount, currency }, locale) };
}

function toAnalytics(spending: WireSpending, { user, asOf }: Shown) {
  const spent = spending.totals.spent.amount;
  const before = spending.previous.totals.spent.amount;
  return {
    asOf,
    from: spending.from,
    to: spending.to,
    totals: toTotals(spending.totals, user),
    previousTotals: toTotals(spending.previous.totals, user),
    changePercent: before > 0 ? Math.round((spent / before - 1) * 1000) / 10 : null,
    months: spending.months.map((month) => ({
      month: month.month,
      spent: toAmount(month.spent, user),
      orderCount: month.orders,
    })),
    topCategories: spending.categories.slice(0, 5).map((category) => ({
      name: category.label,
      sharePercent: spent > 0 ? Math.round((category.spent.amount / spent) * 1000) / 10 : 0,
      spent: toAmount(category.spent, user),
    })),
  };
}

function toNotifications({ unreadCount, items }: WireNotifications, { asOf }: Shown) {
  return {
    asOf,
    unreadCount,
    nodes: items.map(({ id, kind, title, body, createdAt }) => ({ id, kind: toEnum(kind), title, body, createdAt })),
  };
}
