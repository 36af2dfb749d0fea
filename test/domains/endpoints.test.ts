import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startShop } from '../../demo/shop.ts';
import { analyticsEndpoints } from '../../shared/domains/analytics/client.ts';
import { catalogEndpoints } from '../../shared/domains/catalog/client.ts';
import { notificationsEndpoints } from '../../shared/domains/notifications/client.ts';
import { ordersEndpoints } from '../../shared/domains/orders/client.ts';
import { recommendationsEndpoints } from '../../shared/domains/recommendations/client.ts';
import { usersEndpoints } from '../../shared/domains/users/client.ts';
import type { Endpoint } from '../../shared/downstream/endpoint.ts';
import { describeDrift, type OpenApiDocument } from '../support/contract-drift.ts';

const endpoints: readonly Endpoint[] = [
  analyticsEndpoints,
  catalogEndpoints,
  notificationsEndpoints,
  ordersEndpoints,
  recommendationsEndpoints,
  usersEndpoints,
].flatMap((each) => Object.values(each));

let shop: Awaited<ReturnType<typeof startShop>>;

beforeAll(async () => {
  shop = await startShop({ seed: 1, now: new Date('2026-11-01'), instances: 1, ports: 'ephemeral' });
});

afterAll(() => shop.close());

describe('every endpoint that a client.ts calls', () => {
  test.each(
    endpoints.map((endpoint) => [`${endpoint.service}: ${endpoint.method} ${endpoint.route}`, endpoint] as const),
  )('is in the service’s OpenAPI document as it is called: %s', async (_name, endpoint) => {
    const response = await fetch(`${new Map(Object.entries(shop.services)).get(endpoint.service)?.[0]}/openapi.json`);
    expect(describeDrift(endpoint, (await response.json()) as OpenApiDocument)).toEqual([]);
  });
});

test('drift is named: a route that is gone, a parameter that is not known, a status that nobody answers with', () => {
  const document: OpenApiDocument = {
    paths: {
      '/products': { get: { parameters: [{ name: 'ids', in: 'query', required: true }], responses: { 200: {} } } },
    },
  };
  const products: Endpoint = {
    service: 'catalog',
    method: 'GET',
    route: '/products',
    identity: 'service',
    query: ['ids'],
  };

  expect(describeDrift(products, document)).toEqual([]);
  expect(describeDrift({ ...products, route: '/goods' }, document)).toEqual(['The catalog service has no GET /goods.']);
  expect(describeDrift({ ...products, query: ['ids', 'fields'] }, document)).toEqual([
    'GET /products of the catalog service takes no query parameter `fields`.',
  ]);
  expect(describeDrift({ ...products, query: [] }, document)).toEqual([
    'GET /products of the catalog service requires the query parameter `ids`.',
  ]);
  expect(describeDrift({ ...products, answers: [404] }, document)).toEqual([
    'GET /products of the catalog service never answers 404.',
  ]);
});
