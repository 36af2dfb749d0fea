import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceNames, startShop } from '../../demo/shop.ts';
import type { Endpoint } from '../../shared/downstream/endpoint.ts';
import { describeDrift, type OpenApiDocument } from '../support/contract-drift.ts';

/** Every `...Endpoints` of every domain's `client.ts`: a new domain is held without a word here. */
async function findEndpoints(): Promise<Endpoint[]> {
  const modules = await Promise.all(
    globSync('shared/domains/*/client.ts').map(
      (path) =>
        import(pathToFileURL(path).href) as Promise<Readonly<Record<string, Readonly<Record<string, Endpoint>>>>>,
    ),
  );
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, declared]) => (name.endsWith('Endpoints') ? Object.values(declared) : [])),
  );
}

// What another shop has and the demo does not, the demo's documents say nothing about.
const endpoints = (await findEndpoints()).filter(({ service }) => new Set<string>(serviceNames).has(service));

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

test('every service of the demo shop is called', () => {
  expect([...new Set(endpoints.map(({ service }) => service))].toSorted()).toEqual([...serviceNames].toSorted());
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
