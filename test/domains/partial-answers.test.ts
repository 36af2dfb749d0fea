import { afterAll, describe, expect, it } from 'vitest';
import { createAnalyticsClient } from '../../shared/domains/analytics/client.ts';
import { createCatalogClient } from '../../shared/domains/catalog/client.ts';
import { createNotificationsClient } from '../../shared/domains/notifications/client.ts';
import { readPlaceOrderFailure } from '../../shared/domains/orders/failures.ts';
import { createUsersClient } from '../../shared/domains/users/client.ts';
import { createCallScope } from '../../shared/downstream/call-scope.ts';
import { createDeadline } from '../../shared/downstream/deadline.ts';
import type { Downstream } from '../../shared/downstream/downstream.ts';
import { isOutcomeUnknown } from '../../shared/downstream/failure.ts';
import { isFlawed } from '../../shared/provenance.ts';

const bad = { code: 'DOWNSTREAM_BAD_RESPONSE' };
const deadline = createDeadline({ budgetMs: 1000 });
const scope = createCallScope({ deadline, viewerId: 'user-1', authorization: null, correlationId: 'r' });
afterAll(() => deadline.close());

/** A service that answers each call with this. */
function answering(body: unknown): Downstream {
  return { call: async () => ({ status: 200, body, bytes: 0, receivedAtMs: 0 }) };
}

const offer = { prices: [], stock: { available: 1, status: 'in-stock' } };
const product = (id: unknown) => ({
  id,
  sku: 's',
  name: 'n',
  description: '',
  brand: '',
  categoryId: 'c',
  ...offer,
  images: [],
  rating: { average: 1, count: 1 },
});

describe('a batch of products', () => {
  const read = (items: readonly unknown[]) =>
    createCatalogClient(answering({ items })).products.fetch(['a', 'b'], scope);

  it('is served without the one whose stock is none', async () => {
    const products = await read([{ ...product('a'), stock: null }, product('b')]);
    expect(products.get('a')).toMatchObject({
      details: { id: 'a' },
      offer: { stock: bad, availability: bad, prices: [] },
    });
    expect(products.get('b')).toMatchObject({ offer: { stock: 1 } });
  });

  it.each([[null], [product(42)], [product('x,y')], ['text']])(
    'is served without %j, which fails what is missing',
    async (item) => {
      const products = await read([item, product('b')]);
      expect(products.get('a')).toMatchObject(bad);
      expect(products.get('b')).toMatchObject({ details: { id: 'b' } });
    },
  );

  it('keeps what comes after one that cannot be read', async () => {
    const products = await read([{ ...product('a'), sku: 7, id: 8 }, product('b')]);
    const { details, offer: kept } = products.get('b') as { details: object; offer: object };
    expect([isFlawed(details), isFlawed(kept)]).toEqual([false, false]);
  });

  it('leaves out what the shop does not have', async () => {
    expect([...(await read([product('b')])).keys()]).toEqual(['b']);
  });
});

describe('what else an answer can lack, and the rest is there', () => {
  it('a category of the menu', async () => {
    const client = createCatalogClient(answering({ items: [null, { id: 'c', name: 'Cups', parentId: null }] }));
    const { list } = (await client.categories.fetch(['all'], scope)).get('all') as { list: readonly unknown[] };
    expect(list).toEqual([expect.objectContaining(bad), { id: 'c', name: 'Cups', parentId: null }]);
  });

  it('a search’s facets', async () => {
    const client = createCatalogClient(answering({ items: [{ productId: 'a' }, 7], total: 2, facets: null }));
    const request = {
      query: '',
      categoryIds: [],
      brands: [],
      minPrice: undefined,
      maxPrice: undefined,
      currency: 'EUR',
      isInStock: undefined,
      sort: 'NEWEST',
      first: 2,
      after: undefined,
    } as const;
    expect((await client.search.fetch([request], scope)).get(request)).toMatchObject({
      result: { productIds: ['a', bad], totalCount: 2, facets: bad },
    });
  });

  it('the period before', async () => {
    const spent = { amount: 1, currency: 'EUR' };
    const body = {
      userId: 'user-1',
      from: '2026-01-01',
      to: '2026-02-01',
      totals: { spent, orders: 1, items: 1 },
      months: [],
      categories: [],
    };
    const request = { days: 30 };
    const read = await createAnalyticsClient(answering({ ...body, previous: null })).spending.fetch([request], scope);
    expect(read.get(request)).toMatchObject({ spending: { totals: { spent }, previousTotals: bad } });
  });

  it('the product of a refusal that is expected', () => {
    const body = { type: 'https://shop.test/problems/out-of-stock', productId: 42, available: 'few' };
    expect(readPlaceOrderFailure({ status: 409, body })).toMatchObject({
      __typename: 'OutOfStock',
      productId: bad,
      available: bad,
    });
  });
});

describe('a quote', () => {
  const line = (productId: string, quantity: number, currency = 'EUR') => ({
    productId,
    quantity,
    available: 9,
    unitPrice: { amount: 1, currency },
  });
  const asked = [
    { productId: 'a', quantity: 1 },
    { productId: 'b', quantity: 5 },
  ];

  it.each([
    ['none', []],
    ['another product', [line('a', 1), line('c', 5)]],
    ['another quantity', [line('a', 1), line('b', 1)]],
    ['one of them twice', [line('a', 1), line('a', 1)]],
    ['another currency', [line('a', 1), line('b', 5, 'USD')]],
  ])('of %s is none of what was asked for', async (_what, lines) => {
    await expect(createCatalogClient(answering({ lines })).quote(asked, 'EUR', scope)).rejects.toMatchObject(bad);
  });

  it('may come in another order', async () => {
    const client = createCatalogClient(answering({ lines: [line('b', 5), line('a', 1)] }));
    expect((await client.quote(asked, 'EUR', scope)).lines.map(({ productId }) => productId)).toEqual(['b', 'a']);
  });
});

it.each([
  ['a profile', () => createUsersClient(answering({ userId: 'user-2' })).changeProfile({ name: 'N' }, scope)],
  ['marks', () => createNotificationsClient(answering('done')).markRead(['a'], scope)],
])('%s that cannot be read after a write leave its outcome unknown', async (_name, write) => {
  const failure: unknown = await write().catch((error: unknown) => error);
  expect(isOutcomeUnknown(failure)).toBe(true);
});
