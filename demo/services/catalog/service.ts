import { DatabaseSync } from 'node:sqlite';
import type { World } from '../../world/world.ts';
import { createIdempotencyStore } from '../idempotency.ts';
import type { Service } from '../service.ts';
import { createReadRoutes } from './read-routes.ts';
import { createReservations } from './reservations.ts';
import { catalogSchemas } from './schemas.ts';
import { createSearch } from './search.ts';
import { seedCatalog } from './seed.ts';
import { createStockRoutes } from './stock-routes.ts';
import { createCatalogStore } from './store.ts';

/** Products, categories, search, price and stock. */
export function createCatalogService(world: World, options: { mediaUrl: string; now: () => Date }): Service {
  const database = new DatabaseSync(':memory:');
  seedCatalog(database, world);
  const reads = createReadRoutes(createCatalogStore(database, options), createSearch(database));
  return {
    name: 'catalog',
    title: 'Catalog',
    schemas: catalogSchemas,
    routes: [...reads, ...createStockRoutes(createReservations(database, options))],
    idempotency: createIdempotencyStore(database, options),
    close: () => database.close(),
  };
}
