import { DatabaseSync } from 'node:sqlite';
import type { OrderSeed } from '../../world/orders.ts';
import { createIdempotencyStore } from '../idempotency.ts';
import type { Service } from '../service.ts';
import { createCatalogClient } from './catalog-client.ts';
import { createReadRoutes } from './read-routes.ts';
import { orderSchemas } from './schemas.ts';
import { seedOrders } from './seed.ts';
import { createOrderStore } from './store.ts';
import { createWriteRoutes } from './write-routes.ts';

export interface OrdersOptions {
  now: () => Date;
  catalogUrls: readonly string[];
  serviceToken: () => Promise<string>;
}

/** What was bought, and what is on its way. */
export function createOrdersService(orders: readonly OrderSeed[], options: OrdersOptions): Service {
  const database = new DatabaseSync(':memory:');
  seedOrders(database, orders);
  const closing = new AbortController();
  const store = createOrderStore(database, options);
  const catalog = createCatalogClient({
    urls: options.catalogUrls,
    serviceToken: options.serviceToken,
    signal: closing.signal,
  });
  return {
    name: 'orders',
    title: 'Orders',
    schemas: orderSchemas,
    routes: [...createReadRoutes(store), ...createWriteRoutes(store, catalog)],
    idempotency: createIdempotencyStore(database, options),
    close() {
      closing.abort();
      database.close();
    },
  };
}
