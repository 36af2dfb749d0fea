import type { ReadThrough } from '../cache/cached-read.ts';
import type { CallScope } from '../downstream/call-scope.ts';
import { type AnalyticsLoaders, createAnalyticsLoaders } from './analytics/loaders.ts';
import { type CatalogLoaders, createCatalogLoaders } from './catalog/loaders.ts';
import { createNotificationsLoaders, type NotificationsLoaders } from './notifications/loaders.ts';
import { createOrdersLoaders, type OrdersLoaders } from './orders/loaders.ts';
import { createRecommendationsLoaders, type RecommendationsLoaders } from './recommendations/loaders.ts';
import type { Clients } from './services.ts';
import { createUsersLoaders, type UsersLoaders } from './users/loaders.ts';

/** Every domain's loaders for one request, made when first asked for: few requests need all of them. */
export class Loaders {
  readonly #clients: Clients;
  readonly #reads: ReadThrough<CallScope>;
  readonly #scope: CallScope;
  #analytics: AnalyticsLoaders | undefined;
  #catalog: CatalogLoaders | undefined;
  #notifications: NotificationsLoaders | undefined;
  #orders: OrdersLoaders | undefined;
  #recommendations: RecommendationsLoaders | undefined;
  #users: UsersLoaders | undefined;

  constructor(clients: Clients, reads: ReadThrough<CallScope>, scope: CallScope) {
    this.#clients = clients;
    this.#reads = reads;
    this.#scope = scope;
  }

  get analytics(): AnalyticsLoaders {
    this.#analytics ??= createAnalyticsLoaders(this.#clients.analytics, this.#reads, this.#scope);
    return this.#analytics;
  }

  get catalog(): CatalogLoaders {
    this.#catalog ??= createCatalogLoaders(this.#clients.catalog, this.#reads, this.#scope);
    return this.#catalog;
  }

  get notifications(): NotificationsLoaders {
    this.#notifications ??= createNotificationsLoaders(this.#clients.notifications, this.#reads, this.#scope);
    return this.#notifications;
  }

  get orders(): OrdersLoaders {
    this.#orders ??= createOrdersLoaders(this.#clients.orders, this.#reads, this.#scope);
    return this.#orders;
  }

  get recommendations(): RecommendationsLoaders {
    this.#recommendations ??= createRecommendationsLoaders(this.#clients.recommendations, this.#reads, this.#scope);
    return this.#recommendations;
  }

  get users(): UsersLoaders {
    this.#users ??= createUsersLoaders(this.#clients.users, this.#reads, this.#scope);
    return this.#users;
  }
}
