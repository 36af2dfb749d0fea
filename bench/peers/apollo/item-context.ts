import { type AugmentedRequest, RESTDataSource } from '@apollo/datasource-rest';
import { claimedViewer } from '../claimed-viewer.ts';
import type { PeerContext } from '../graphql/context.ts';
import type { PeerViewer } from '../services.ts';
import type {
  WireNotifications,
  WireOrder,
  WirePage,
  WireProduct,
  WireRecommendation,
  WireSpending,
  WireUser,
} from '../wire.ts';

/** One service, as the tutorial has it. */
class ServiceSource extends RESTDataSource {
  override readonly baseURL: string;
  readonly #authorization: string;

  constructor(baseURL: string, { authorization }: PeerViewer) {
    super();
    this.baseURL = `${baseURL}/`;
    this.#authorization = authorization;
  }

  override willSendRequest(_path: string, request: AugmentedRequest): void {
    request.headers['authorization'] = this.#authorization;
  }

  read<T>(path: string, params: Record<string, string> = {}): Promise<T> {
    return this.get<T>(path, { params });
  }
}

const yearMs = 365 * 24 * 3_600_000;

/** A context whose data sources ask for one thing at a time; RESTDataSource itself joins equal requests. */
export function createItemContext(
  urls: Readonly<Record<string, string>>,
  authorization: string | undefined,
): PeerContext {
  const viewer = claimedViewer(authorization);
  const source = (name: string) => new ServiceSource(urls[name] ?? '', viewer);
  const [users, catalog, orders] = [source('users'), source('catalog'), source('orders')];
  const userId = viewer.id;
  const product = (id: string) => catalog.read<WireProduct>(`products/${id}`);
  return {
    viewer,
    services: {
      user: () => users.read<WireUser>(`users/${userId}`),
      recommendations: (_viewer, first) =>
        source('recommendations').read<WirePage<WireRecommendation>>('recommendations', {
          userId,
          limit: String(first),
        }),
      activeOrders: (_viewer, first) =>
        orders.read<WirePage<WireOrder>>('orders', {
          userId,
          status: 'confirmed,pending,shipped',
          limit: String(first),
        }),
      orders: (_viewer, first) => orders.read<WirePage<WireOrder>>('orders', { userId, limit: String(first) }),
      order: async (_viewer, id) => (await orders.read<WirePage<WireOrder>>('orders/batch', { ids: id })).items[0],
      spending: () =>
        source('analytics').read<WireSpending>('spending', {
          userId,
          from: new Date(Date.now() - yearMs).toISOString(),
          to: new Date().toISOString(),
          compare: 'previous-period',
        }),
      notifications: (_viewer, first) =>
        source('notifications').read<WireNotifications>('notifications', {
          userId,
          unread: 'true',
          limit: String(first),
        }),
    },
    me: () => users.read<WireUser>(`users/${userId}`),
    product,
    products: (ids) => Promise.all(ids.map(product)),
  };
}
