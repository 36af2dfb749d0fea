import { formatMoney } from '../../../shared/money.ts';
import { cardPicture, thumbPicture } from '../pictures.ts';
import type { PeerViewer, Services } from '../services.ts';
import { toEnum, type WireProduct, type WireUser } from '../wire.ts';

/** The phone's home as a team writes it by hand: what can be fetched side by side is, and the JSON is built in one go. */
export async function readHome(services: Services, viewer: PeerViewer) {
  const [user, recommended, orders] = await Promise.all([
    services.user(viewer),
    services.recommendations(viewer, 10).then(async ({ items }) => {
      const ids = items.map(({ productId }) => productId);
      const products = await services.products(ids);
      return ids.map((id) => products.get(id));
    }),
    services.activeOrders(viewer, 3),
  ]);
  return {
    viewer: { name: user.name, avatar: { url: thumbPicture(user).url } },
    recommendations: recommended.map((product) => (product === undefined ? null : toCard(product, user))),
    activeOrders: orders.items.map(({ id, status, estimatedDelivery }) => ({
      id,
      status: toEnum(status),
      estimatedDelivery,
    })),
  };
}

function toCard(product: WireProduct, { currency, locale }: WireUser) {
  const price = product.prices.find((candidate) => candidate.currency === currency);
  const picture = cardPicture(product);
  return {
    id: product.id,
    name: product.name,
    price: price === undefined ? null : { formatted: formatMoney(price, locale) },
    image: picture && { url: picture.url, width: picture.width, height: picture.height },
  };
}
