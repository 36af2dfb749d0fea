import DataLoader from 'dataloader';
import { claimedViewer } from '../claimed-viewer.ts';
import type { PeerViewer, Services } from '../services.ts';
import type { WireProduct, WireUser } from '../wire.ts';

/** What a GraphQL peer's resolvers are given: a request's own batches, as everybody's documentation shows them. */
export interface PeerContext {
  readonly viewer: PeerViewer;
  readonly services: Omit<Services, 'product' | 'products'>;
  /** Asked for once a request. */
  me(): Promise<WireUser>;
  product(id: string): Promise<WireProduct | null>;
  products(ids: readonly string[]): Promise<(WireProduct | null)[]>;
}

/** The context of one request, its products loaded in batches by DataLoader. */
export function createPeerContext(services: Services, authorization: string | undefined): PeerContext {
  const viewer = claimedViewer(authorization);
  const loader = new DataLoader<string, WireProduct | null>(
    async (ids) => {
      const products = await services.products(ids);
      return ids.map((id) => products.get(id) ?? null);
    },
    { maxBatchSize: 100 },
  );
  let user: Promise<WireUser> | undefined;
  return {
    viewer,
    services,
    me() {
      user ??= services.user(viewer);
      return user;
    },
    product: (id) => loader.load(id),
    products: (ids) => Promise.all(ids.map((id) => loader.load(id))),
  };
}
