import { Pool } from 'undici';
import type {
  WireNotifications,
  WireOrder,
  WirePage,
  WireProduct,
  WireRecommendation,
  WireSpending,
  WireUser,
} from './wire.ts';

/** Who asks, with the header that the services want to see. */
export interface PeerViewer {
  readonly id: string;
  readonly authorization: string;
}

/** The services as a careful team would call them by hand: undici, a pool each, batches where there are any. */
export type Services = ReturnType<typeof createServices>;

const maxBatch = 100;
const yearMs = 365 * 24 * 3_600_000;
const hourMs = 3_600_000;

export function createServices(urls: Readonly<Record<string, string>>) {
  const pools = new Map(Object.entries(urls).map(([name, url]) => [name, new Pool(url)]));

  async function get<T>(service: string, path: string, viewer?: PeerViewer): Promise<T> {
    const headers = viewer === undefined ? {} : { authorization: viewer.authorization };
    const pool = pools.get(service);
    if (pool === undefined) throw new Error(`There is no service ${service}.`);
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
    if (statusCode === 200) return (await body.json()) as T;
    await body.dump();
    throw new Error(`${service} answered ${statusCode}`);
  }

  return {
    user: (viewer: PeerViewer) => get<WireUser>('users', `/users/${viewer.id}`, viewer),
    recommendations: (viewer: PeerViewer, first: number) =>
      get<WirePage<WireRecommendation>>(
        'recommendations',
        `/recommendations?userId=${viewer.id}&limit=${first}`,
        viewer,
      ),
    activeOrders: (viewer: PeerViewer, first: number) =>
      get<WirePage<WireOrder>>(
        'orders',
        `/orders?userId=${viewer.id}&status=confirmed,pending,shipped&limit=${first}`,
        viewer,
      ),
    orders: (viewer: PeerViewer, first: number) =>
      get<WirePage<WireOrder>>('orders', `/orders?userId=${viewer.id}&limit=${first}`, viewer),
    order: async (viewer: PeerViewer, id: string) =>
      (await get<WirePage<WireOrder>>('orders', `/orders/batch?ids=${id}`, viewer)).items[0],
    spending(viewer: PeerViewer) {
      const toMs = Math.ceil(Date.now() / hourMs) * hourMs;
      const period = `from=${new Date(toMs - yearMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
      return get<WireSpending>('analytics', `/spending?userId=${viewer.id}&${period}&compare=previous-period`, viewer);
    },
    notifications: (viewer: PeerViewer, first: number) =>
      get<WireNotifications>('notifications', `/notifications?userId=${viewer.id}&unread=true&limit=${first}`, viewer),
    product: (id: string) => get<WireProduct>('catalog', `/products/${id}`),
    /** By id; each id once, in as few calls as there can be. */
    async products(ids: readonly string[]): Promise<Map<string, WireProduct>> {
      const distinct = [...new Set(ids)];
      const batches: Promise<WirePage<WireProduct>>[] = [];
      for (let start = 0; start < distinct.length; start += maxBatch) {
        batches.push(get('catalog', `/products?ids=${distinct.slice(start, start + maxBatch).join(',')}`));
      }
      const found = await Promise.all(batches);
      return new Map(found.flatMap(({ items }) => items.map((product) => [product.id, product] as const)));
    },
  };
}
