import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOffers, type Json, type OpenShop, openShop, slugOf, stockOf } from './open-shop.ts';

describe('the catalog', () => {
  let shop: OpenShop;
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `product-${index + 1}`).join(',');
  const search = async (query: string) => (await shop.ask('catalog', `/search?${query}`)).body;
  const foundIds = (body: Json) => body['items']?.map((item) => String(item['productId'])) ?? [];
  const productsOf = async (found: string[]) =>
    (await shop.ask('catalog', `/products?ids=${found.join(',')}`)).body['items'] ?? [];

  beforeAll(async () => {
    shop = await openShop({ instances: 2 });
  });
  afterAll(async () => {
    await shop.close();
  });

  it('answers 100 products at once, in the order asked, and refuses 101', async () => {
    const full = await shop.ask('catalog', `/products?ids=${ids(100)}`);
    expect(full.body['items']?.map((product) => product['id']).join(',')).toBe(ids(100));
    const over = await shop.ask('catalog', `/products?ids=${ids(101)}`);
    expect([over.status, slugOf(over)]).toEqual([413, 'too-many-ids']);
  });

  it('counts an id once, leaves out what it does not have, and wants at least one', async () => {
    const some = await shop.ask('catalog', `/products?ids=${ids(100)},product-1,product-2`);
    expect(some.body['items']).toHaveLength(100);
    const mixed = await shop.ask('catalog', '/products?ids=none,product-2,product-1,product-2');
    expect(mixed.body['items']?.map((product) => product['id'])).toEqual(['product-2', 'product-1']);
    const odd = await shop.ask('catalog', '/products?ids=A%00,product-3,Foo%20Bar,PRODUCT-4');
    expect(odd.body['items']?.map((product) => product['id'])).toEqual(['product-3']);
    for (const query of ['', '?ids=', `?ids=${'a'.repeat(256)}`, '?ids=a,,b']) {
      const refused = await shop.ask('catalog', `/products${query}`);
      expect([refused.status, slugOf(refused)]).toEqual([422, 'validation']);
    }
  });

  it('answers 304 while nothing has changed, and anew when the stock has', async () => {
    const [offer] = await findOffers(shop, 'EUR');
    const path = `/products/${offer?.productId}`;
    const first = await shop.ask('catalog', path);
    const etag = first.headers.get('etag') ?? '';
    const unchanged = await shop.ask('catalog', path, { headers: { 'if-none-match': `"x", W/${etag}` }, instance: 1 });
    expect([unchanged.status, unchanged.body, unchanged.headers.get('etag')]).toEqual([304, null, etag]);
    const token = await shop.serviceToken('orders');
    const lines = [{ productId: offer?.productId, quantity: 1, unitPrice: offer?.unitPrice }];
    await shop.ask('catalog', '/reservations', { token, body: { orderId: 'etag', currency: 'EUR', lines } });
    expect((await shop.ask('catalog', path, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it.each(['relevance', 'newest', 'price-asc', 'price-desc'])('pages by %s without a gap or a repeat', async (sort) => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await search(`sort=${sort}&limit=97&q=&currency=SEK${cursor}`);
      seen.push(...foundIds(page));
      expect(page['total']).toBe(576);
      if (page['nextCursor'] === null) break;
      cursor = `&cursor=${String(page['nextCursor'])}`;
    }
    expect(seen).toHaveLength(576);
    expect(new Set(seen).size).toBe(576);
  });

  it('finds by words, cut short, without accents, in any case', async () => {
    for (const query of ['q=casserole', 'q=CASSER', 'q=nordkok+cookware', 'q=Nordk%C3%B6k+COOK']) {
      expect((await search(query))['total'], query).toBeGreaterThan(0);
    }
    expect((await search('q=nordkok+cookware'))['total']).toBe((await search('q=Nordk%C3%B6k+COOK'))['total']);
    const products = await productsOf(foundIds(await search('q=tent&limit=5')));
    for (const product of products) expect(String(product['name']).toLowerCase()).toContain('tent');
  });

  it('takes operators and quotes for words or for nothing', async () => {
    for (const words of ['"', '*', 'a" OR "b', 'NEAR(', "'; DROP TABLE products; --", '-', ' ', '%']) {
      const answer = await shop.ask('catalog', `/search?q=${encodeURIComponent(words)}`);
      expect(answer.status, words).toBe(200);
    }
    expect((await search('q=!!!'))['total']).toBe(0);
    expect((await search('q=%20'))['total']).toBe(576);
  });

  it('filters, and counts all that is left', async () => {
    const body = await search(
      'category=books,tableware&minPrice=2000&maxPrice=4000&currency=GBP&inStock=true&sort=price-asc&limit=100',
    );
    const products = await productsOf(foundIds(body));
    expect(products).toHaveLength(Number(body['total']));
    const prices = products.map((product) =>
      Number(product['prices']?.find((price) => String(price['currency']) === 'GBP')?.['amount']),
    );
    expect(prices).toEqual(prices.toSorted((left, right) => left - right));
    expect(Math.min(...prices)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...prices)).toBeLessThanOrEqual(4_000);
    for (const product of products) expect(product['stock']?.['available']).toBeGreaterThan(0);
    const counted = (facet: Json | undefined) => facet?.reduce((sum, entry) => sum + Number(entry['count']), 0);
    expect(counted(body['facets']?.['categories'])).toBe(products.length);
    expect(counted(body['facets']?.['brands'])).toBe(products.length);
    const [brand] = body['facets']?.['brands'] ?? [];
    const narrowed = await search(
      `category=books,tableware&minPrice=2000&maxPrice=4000&currency=GBP&inStock=true&brand=${encodeURIComponent(String(brand?.['brand']))}`,
    );
    expect(narrowed['total']).toBe(brand?.['count']);
  });

  it('takes a parent category for all below it', async () => {
    expect((await search('category=home'))['total']).toBe(4 * 48);
    expect((await search('category=none'))['total']).toBe(0);
  });

  it('refuses what it cannot read', async () => {
    const foreign = (await search('sort=newest&limit=1'))['nextCursor'];
    const cursors = ['x', 'bnVsbA', encodeURIComponent('{"a":1}'), String(foreign)];
    for (const cursor of cursors) {
      const refused = await shop.ask('catalog', `/search?sort=price-asc&cursor=${cursor}`);
      expect([refused.status, slugOf(refused)], cursor).toEqual([422, 'invalid-cursor']);
    }
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=abc',
      'sort=best',
      'minPrice=-1',
      'currency=XXX',
      'inStock=yes',
    ]) {
      const refused = await shop.ask('catalog', `/search?${query}`);
      expect([refused.status, refused.body['errors']?.[0]?.['field']], query).toEqual([422, query.split('=')[0]]);
    }
  });

  it('quotes what holds now, and changes nothing', async () => {
    const [offer] = await findOffers(shop, 'JPY');
    const lines = [
      { productId: offer?.productId, quantity: 3 },
      { productId: 'none', quantity: 1 },
    ];
    const quote = await shop.ask('catalog', '/quotes', { body: { currency: 'JPY', lines } });
    expect(quote.headers.get('cache-control')).toBe('no-store');
    expect(quote.body['lines']).toEqual([
      { ...lines[0], unitPrice: { amount: offer?.unitPrice, currency: 'JPY' }, available: offer?.available },
      { ...lines[1], unitPrice: null, available: 0 },
    ]);
    expect(await stockOf(shop, offer?.productId ?? '')).toBe(offer?.available);
  });

  it('holds stock once for an order, gives it back once, and refuses what comes after', async () => {
    const [offer] = await findOffers(shop, 'USD');
    const { productId = '', available = 0 } = offer ?? {};
    const token = await shop.serviceToken('orders');
    const body = {
      orderId: 'twice',
      currency: 'USD',
      lines: [{ productId, quantity: 4, unitPrice: offer?.unitPrice }],
    };
    const reserve = (instance: number) => shop.ask('catalog', '/reservations', { token, body, instance });
    expect([(await reserve(0)).status, (await reserve(1)).status]).toEqual([201, 201]);
    expect(await stockOf(shop, productId)).toBe(available - 4);
    for (const instance of [0, 1]) {
      expect((await shop.ask('catalog', '/reservations/twice', { token, method: 'DELETE', instance })).status).toBe(
        204,
      );
    }
    expect(await stockOf(shop, productId)).toBe(available);
    expect(slugOf(await reserve(0))).toBe('reservation-released');
  });

  it('says what a route takes, and that others are none', async () => {
    const wrong = await shop.ask('catalog', '/products', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    for (const path of ['/', '/product', '/products/a/b', '/products/%E0%A4%A', '//evil/products']) {
      expect((await shop.ask('catalog', path)).status, path).toBe(404);
    }
    const text = await shop.ask('catalog', '/quotes', { body: {}, headers: { 'content-type': 'text/plain' } });
    expect(text.status).toBe(415);
    const large = await shop.ask('catalog', '/quotes', { body: { pad: 'x'.repeat(200_000) } });
    expect([large.status, slugOf(large)]).toEqual([413, 'body-too-large']);
  });
});
