import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFaults, type Schema, type Schemas } from '../../demo/services/schema.ts';
import { type ServiceName, serviceNames } from '../../demo/shop.ts';
import { type AskOptions, findOffers, type OpenShop, openShop } from './open-shop.ts';

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>
  >;
  components: { schemas: Schemas };
}

interface Sample {
  service: ServiceName;
  route: string;
  path?: string;
  options?: AskOptions;
  status?: number;
}

const buyer = { as: 'user-2' };
const newOrder = { userId: 'user-2', currency: 'EUR' };

const samples: Sample[] = [
  { service: 'users', route: 'GET /users/{id}', path: '/users/user-2', options: buyer },
  { service: 'users', route: 'GET /users', path: '/users?ids=user-2,user-3', options: buyer },
  {
    service: 'users',
    route: 'PATCH /users/{id}',
    path: '/users/user-2',
    options: { ...buyer, method: 'PATCH', body: { name: 'Z' } },
  },
  {
    service: 'users',
    route: 'PATCH /users/{id}',
    path: '/users/user-2',
    options: { ...buyer, method: 'PATCH', body: { name: 1 } },
    status: 422,
  },
  { service: 'catalog', route: 'GET /products', path: '/products?ids=product-1,product-500' },
  { service: 'catalog', route: 'GET /products/{id}', path: '/products/product-7' },
  { service: 'catalog', route: 'GET /products/{id}', path: '/products/none', status: 404 },
  { service: 'catalog', route: 'GET /search', path: '/search?q=oak&inStock=true' },
  { service: 'catalog', route: 'GET /categories' },
  { service: 'catalog', route: 'GET /categories/{id}', path: '/categories/books' },
  {
    service: 'catalog',
    route: 'POST /quotes',
    options: {
      body: {
        currency: 'SEK',
        lines: [
          { productId: 'product-1', quantity: 2 },
          { productId: 'none', quantity: 1 },
        ],
      },
    },
  },
  { service: 'recommendations', route: 'GET /recommendations', path: '/recommendations?userId=user-2', options: buyer },
  { service: 'recommendations', route: 'GET /recommendations/popular' },
  { service: 'orders', route: 'GET /orders', path: '/orders?userId=user-2&limit=100', options: buyer },
  {
    service: 'orders',
    route: 'POST /orders',
    options: { ...buyer, key: 'a', body: { ...newOrder, lines: [] } },
    status: 422,
  },
  { service: 'analytics', route: 'GET /spending', path: '/spending?userId=user-2', options: buyer },
  {
    service: 'analytics',
    route: 'GET /spending',
    path: '/spending?userId=user-2&compare=previous-period',
    options: buyer,
  },
  {
    service: 'analytics',
    route: 'POST /events',
    options: {
      ...buyer,
      body: {
        events: [{ type: 'searched', at: '2026-11-22T00:00:00Z', subjectId: null, userId: 'user-2', installId: null }],
      },
    },
    status: 202,
  },
  {
    service: 'notifications',
    route: 'GET /notifications',
    path: '/notifications?userId=user-2&limit=100',
    options: buyer,
  },
  {
    service: 'notifications',
    route: 'POST /notifications/read',
    options: { ...buyer, body: { userId: 'user-2', ids: ['none'] } },
  },
  ...serviceNames.flatMap((service): Sample[] => [
    { service, route: 'GET /health' },
    { service, route: 'GET /openapi.json' },
  ]),
];

describe('the contract of the services', () => {
  let shop: OpenShop;
  const seen = new Set<string>();

  beforeAll(async () => {
    shop = await openShop({ instances: 1 });
  });
  afterAll(async () => {
    await shop.close();
  });

  async function documentOf(service: ServiceName): Promise<Document> {
    return (await shop.ask(service, '/openapi.json')).body as unknown as Document;
  }

  /** What of one answer is not as the document of its service says. */
  async function findDrift({ service, route, path, options, status = 200 }: Sample): Promise<unknown[]> {
    const document = await documentOf(service);
    const [method = '', pattern = ''] = route.split(' ');
    const described = document.paths[pattern]?.[method.toLowerCase()]?.responses[String(status)];
    const [mediaType = null, content] = Object.entries(described?.content ?? {})[0] ?? [];
    const answer = await shop.ask(service, path ?? pattern, options);
    seen.add(`${service} ${route}`);
    const actual = { route, status: answer.status, mediaType: answer.headers.get('content-type') };
    const isAsDescribed = actual.status === status && actual.mediaType === mediaType && described !== undefined;
    const faults = content ? findFaults(answer.body, content.schema, { schemas: document.components.schemas }) : [];
    return isAsDescribed ? faults.map((fault) => ({ route, ...fault })) : [actual];
  }

  it('is kept by an answer of every kind', async () => {
    for (const sample of samples) expect(await findDrift(sample)).toEqual([]);
  });

  it('is kept by an order from the placing to the cancelling', async () => {
    const [offer] = await findOffers(shop, 'EUR');
    const line = { productId: offer?.productId, quantity: 1, unitPrice: offer?.unitPrice };
    const body = { ...newOrder, lines: [line] };
    const id = 'order-5001';
    const cancel = { ...buyer, method: 'POST', key: 'cancel' };
    const steps: Sample[] = [
      { service: 'orders', route: 'POST /orders', options: { ...buyer, key: 'order', body }, status: 201 },
      { service: 'orders', route: 'GET /orders/{id}', path: `/orders/${id}`, options: buyer },
      { service: 'orders', route: 'GET /orders/batch', path: `/orders/batch?ids=${id}`, options: buyer },
      {
        service: 'orders',
        route: 'POST /orders/{id}/cancellation',
        path: `/orders/${id}/cancellation`,
        options: cancel,
      },
    ];
    for (const step of steps) expect(await findDrift(step)).toEqual([]);
  });

  it('is kept by a reservation', async () => {
    const token = await shop.serviceToken('orders');
    const [offer] = await findOffers(shop, 'EUR');
    const line = { productId: offer?.productId, quantity: 1, unitPrice: offer?.unitPrice };
    const body = { orderId: 'mine', currency: 'EUR', lines: [line] };
    const steps: Sample[] = [
      { service: 'catalog', route: 'POST /reservations', options: { token, body }, status: 201 },
      {
        service: 'catalog',
        route: 'DELETE /reservations/{orderId}',
        path: '/reservations/mine',
        options: { token, method: 'DELETE' },
        status: 204,
      },
    ];
    for (const step of steps) expect(await findDrift(step)).toEqual([]);
  });

  it('has no route that these tests leave out', async () => {
    for (const service of serviceNames) {
      const document = await documentOf(service);
      expect(document.openapi).toBe('3.1.0');
      const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${service} ${method.toUpperCase()} ${path}`),
      );
      expect(routes.filter((route) => !seen.has(route))).toEqual([]);
    }
  });
});
