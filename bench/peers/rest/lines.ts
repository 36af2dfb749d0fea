import { formatMoney, type MoneyModel } from '../../../shared/money.ts';
import type { PeerViewer, Services } from '../services.ts';

/** One order with its lines: how cost grows with a list. */
export async function readLines(services: Services, viewer: PeerViewer, orderId: string) {
  const [user, order] = await Promise.all([services.user(viewer), services.order(viewer, orderId)]);
  if (order === undefined) return null;
  const products = await services.products(order.lines.map(({ productId }) => productId));
  const { locale, currency } = user;
  const show = (money: MoneyModel) => ({
    amount: money.amount,
    currency: money.currency,
    formatted: formatMoney(money, locale),
  });
  return {
    id: order.id,
    lines: order.lines.map(({ name, quantity, unitPrice, productId }) => {
      const product = products.get(productId);
      const price = product?.prices.find((candidate) => candidate.currency === currency);
      return {
        name,
        quantity,
        unitPrice: show(unitPrice),
        product: product && { id: product.id, name: product.name, price: price === undefined ? null : show(price) },
      };
    }),
  };
}
