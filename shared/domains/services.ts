import type { Downstream } from '../downstream/downstream.ts';
import { type AnalyticsClient, createAnalyticsClient } from './analytics/client.ts';
import { type CatalogClient, createCatalogClient } from './catalog/client.ts';
import { createNotificationsClient, type NotificationsClient } from './notifications/client.ts';
import { createOrdersClient, type OrdersClient } from './orders/client.ts';
import { createRecommendationsClient, type RecommendationsClient } from './recommendations/client.ts';
import { createUsersClient, type UsersClient } from './users/client.ts';

/** Each domain's calls to its service. */
export interface Clients {
  readonly users: UsersClient;
  readonly catalog: CatalogClient;
  readonly recommendations: RecommendationsClient;
  readonly orders: OrdersClient;
  readonly analytics: AnalyticsClient;
  readonly notifications: NotificationsClient;
}

/** One set a process. */
export function createClients(downstream: Downstream): Clients {
  return {
    users: createUsersClient(downstream),
    catalog: createCatalogClient(downstream),
    recommendations: createRecommendationsClient(downstream),
    orders: createOrdersClient(downstream),
    analytics: createAnalyticsClient(downstream),
    notifications: createNotificationsClient(downstream),
  };
}
