import type { ReadThrough } from '../cache/cached-read.ts';
import type { CallScope } from '../downstream/call-scope.ts';
import type { Asking } from '../graphql/batching.ts';
import { createAnalyticsLoaders } from './analytics/loaders.ts';
import { createCatalogLoaders } from './catalog/loaders.ts';
import { createNotificationsLoaders } from './notifications/loaders.ts';
import { createOrdersLoaders } from './orders/loaders.ts';
import { createRecommendationsLoaders } from './recommendations/loaders.ts';
import type { Clients } from './services.ts';
import { createUsersLoaders } from './users/loaders.ts';

const factories = {
  users: createUsersLoaders,
  catalog: createCatalogLoaders,
  recommendations: createRecommendationsLoaders,
  orders: createOrdersLoaders,
  analytics: createAnalyticsLoaders,
  notifications: createNotificationsLoaders,
};

type Factories = typeof factories;
type Domain = keyof Factories;

/** Every domain's loaders for one request. */
export type Loaders = { readonly [D in Domain]: ReturnType<Factories[D]> };

/** Makes the loaders of a domain when they are first asked for: few requests need all of them. */
export function createLoaders(clients: Clients, reads: ReadThrough<CallScope>, asking: Asking<CallScope>): Loaders {
  return new LazyLoaders((domain) => {
    // Each domain's factory takes that domain's own client: the one thing that a look-up by name cannot tell the compiler.
    const create = factories[domain] as (
      client: unknown,
      reads: ReadThrough<CallScope>,
      asking: Asking<CallScope>,
    ) => unknown;
    return create(clients[domain], reads, asking);
  }) as unknown as Loaders;
}

/** Has a getter for each domain, on the prototype: a request pays only for the domains that it asks. */
class LazyLoaders {
  readonly #make: (domain: Domain) => unknown;
  readonly #made: Partial<Record<Domain, unknown>> = {};

  constructor(make: (domain: Domain) => unknown) {
    this.#make = make;
  }

  static {
    for (const domain of Object.keys(factories) as Domain[]) {
      Object.defineProperty(LazyLoaders.prototype, domain, {
        get(this: LazyLoaders) {
          this.#made[domain] ??= this.#make(domain);
          return this.#made[domain];
        },
      });
    }
  }
}
