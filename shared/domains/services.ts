import type { Downstream } from '../downstream/downstream.ts';
import { createAnalyticsClient } from './analytics/client.ts';
import { createCatalogClient } from './catalog/client.ts';
import { createNotificationsClient } from './notifications/client.ts';
import { createOrdersClient } from './orders/client.ts';
import { createRecommendationsClient } from './recommendations/client.ts';
import { createUsersClient } from './users/client.ts';

/** Each domain's calls to its service; one set a process. */
export function createClients(downstream: Downstream) {
  return {
    users: createUsersClient(downstream),
    catalog: createCatalogClient(downstream),
    recommendations: createRecommendationsClient(downstream),
    orders: createOrdersClient(downstream),
    analytics: createAnalyticsClient(downstream),
    notifications: createNotificationsClient(downstream),
  };
}

export type Clients = ReturnType<typeof createClients>;
