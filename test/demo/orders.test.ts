import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, findOffers, type Offer, type OpenShop, openShop, slugOf, stockOf } from './open-shop.ts';

describe('placing an order', () => {
  let shop: OpenShop;
  let offers: Offer[];
  const nextOffer = () => offers.shift() ?? { productId: '', unitPrice: 0, available: 0 };
  const place = (lines: Partial<Offer & { quantity: number }>[], key: string, instance = 0): Promise<Asked> =>
    shop.ask('orders', '/orders', { as: 'user-2', key, instance, body: { userId: 'user-2', currency: 'EUR', lines } });
  const ordersCount = async () =>
    Number((await shop.ask('orders', '/orders?userId=user-2', { as: 'user-2' })).body['total']);

  beforeAll(async () => {
    shop = await openShop();
    offers = await findOffers(shop, 'EUR');
  });
  beforeEach(() => shop.faults.clear());
  afterAll(async () => {
    await shop.close();
  });

  it('stores it pending, newest of all, and holds the stock', async () => {
    const { productId, unitPrice, available } = nextOffer();
    const placed = await place([{ productId, unitPrice, quantity: 3 }], 'plain');
    expect(placed.status).toBe(201);
    expect(placed.body['status']).toBe('pending');
    expect(placed.body['lines']?.[0]?.['name']).toMatch(/\w/);
    const newest = await shop.ask('orders', '/orders?userId=user-2&limit=1', { as: 'user-2' });
    expect(newest.body['items']?.[0]).toEqual(placed.body);
    expect(await stockOf(shop, productId)).toBe(available - 3);
  });

  it('is done once for 1000 callers with the same key on two instances', async () => {
    const { productId, unitPrice, available } = nextOffer();
    const before = await ordersCount();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => place([{ productId, unitPrice, quantity: 1 }], 'race', index % 2)),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(999);
    expect(await ordersCount()).toBe(before + 1);
    expect(await stockOf(shop, productId)).toBe(available - 1);
  });

  it('refuses a key that was used for another body, and takes the same key of another viewer', async () => {
    const { productId, unitPrice } = nextOffer();
    const lines = [{ productId, unitPrice, quantity: 1 }];
    expect((await place(lines, 'reused')).status).toBe(201);
    const other = await place([{ productId, unitPrice, quantity: 2 }], 'reused');
    expect([other.status, slugOf(other)]).toEqual([422, 'idempotency-key-reused']);
    const body = { userId: 'user-7', currency: 'EUR', lines };
    const theirs = await shop.ask('orders', '/orders', { as: 'user-7', key: 'reused', body });
    expect([theirs.status, theirs.body['userId']]).toEqual([201, 'user-7']);
  });

  it('takes members of the body in any order for the same request', async () => {
    const { productId, unitPrice } = nextOffer();
    const lines = [{ productId, unitPrice, quantity: 1 }];
    const first = await place(lines, 'shuffled');
    const body = { lines: [{ quantity: 1, unitPrice, productId }], currency: 'EUR', userId: 'user-2' };
    const again = await shop.ask('orders', '/orders', { as: 'user-2', key: 'shuffled', body });
    expect(again.body).toEqual(first.body);
  });

  it('tells a refusal again for the same key', async () => {
    const { productId, unitPrice } = nextOffer();
    const lines = [{ productId, unitPrice: unitPrice + 1, quantity: 1 }];
    const [first, again] = [await place(lines, 'refused'), await place(lines, 'refused')];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('content-type')).toBe('application/problem+json');
  });

  it('needs a key of at most 255 characters', async () => {
    const body = { userId: 'user-2', currency: 'EUR', lines: [{ productId: 'x', quantity: 1, unitPrice: 1 }] };
    const without = await shop.ask('orders', '/orders', { as: 'user-2', body });
    expect([without.status, slugOf(without)]).toEqual([400, 'idempotency-key-required']);
    expect((await shop.ask('orders', '/orders', { as: 'user-2', body, key: 'k'.repeat(256) })).status).toBe(422);
    const longest = await shop.ask('orders', '/orders', { as: 'user-2', body, key: 'k'.repeat(255) });
    expect(slugOf(longest)).toBe('product-unavailable');
  });

  it('says which product is out of stock, changed its price or is not sold, and takes nothing', async () => {
    const [first, second] = [nextOffer(), nextOffer()];
    const good = { ...first, quantity: 1 };
    const tooMany = await place(
      [
        good,
        { ...second, quantity: 99 },
        { ...second, quantity: 99 },
        { ...second, quantity: 99 },
        { ...second, quantity: 99 },
        { ...second, quantity: 99 },
      ],
      'many',
    );
    expect([tooMany.status, slugOf(tooMany)]).toEqual([409, 'out-of-stock']);
    expect(tooMany.body).toMatchObject({ productId: second.productId, available: second.available });
    const changed = await place([good, { ...second, unitPrice: second.unitPrice - 1, quantity: 1 }], 'price');
    expect([changed.status, slugOf(changed)]).toEqual([409, 'price-changed']);
    expect(changed.body).toMatchObject({
      productId: second.productId,
      currentPrice: { amount: second.unitPrice, currency: 'EUR' },
    });
    const unknown = await place([good, { productId: 'none', unitPrice: 1, quantity: 1 }], 'unknown');
    expect([unknown.status, slugOf(unknown)]).toEqual([422, 'product-unavailable']);
    expect(unknown.body).toMatchObject({ productId: 'none' });
    expect(await stockOf(shop, first.productId)).toBe(first.available);
  });

  it('names every field that is not valid', async () => {
    const wrong = await place([{ productId: 'Ü', quantity: 0, unitPrice: 1.5 }], 'wrong');
    expect([wrong.status, slugOf(wrong)]).toEqual([422, 'validation']);
    expect(wrong.body['errors']?.map((error) => error['field'])).toEqual([
      'lines.0.productId',
      'lines.0.quantity',
      'lines.0.unitPrice',
    ]);
  });

  it('happens though its caller goes away', async () => {
    const { productId, unitPrice } = nextOffer();
    const before = await ordersCount();
    shop.faults.put('catalog', { route: 'POST /reservations', delayMs: 150 });
    const caller = new AbortController();
    const body = { userId: 'user-2', currency: 'EUR', lines: [{ productId, unitPrice, quantity: 1 }] };
    const gone = shop.ask('orders', '/orders', { as: 'user-2', key: 'gone', body, signal: caller.signal });
    while (!shop.calls.report().services['orders']?.routes['POST /orders'] || shop.faults.list()[0]?.hits === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    caller.abort();
    await expect(gone).rejects.toThrow('aborted');
    const again = await place([{ productId, unitPrice, quantity: 1 }], 'gone');
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(await ordersCount()).toBe(before + 1);
  });

  it('goes to the other instance of the catalog when one resets', async () => {
    shop.faults.put('catalog', { instance: 'catalog-1', reset: true });
    for (const key of ['other-1', 'other-2', 'other-3']) {
      expect((await place([{ ...nextOffer(), quantity: 1 }], key)).status).toBe(201);
    }
  });

  it('orders nothing and holds nothing while the catalog hangs, within the time that the caller has', async () => {
    const { productId, unitPrice, available } = nextOffer();
    shop.faults.put('catalog', { route: 'POST /reservations', delayMs: 300 });
    const before = await ordersCount();
    const body = { userId: 'user-2', currency: 'EUR', lines: [{ productId, unitPrice, quantity: 2 }] };
    const startedAt = performance.now();
    const late = await shop.ask('orders', '/orders', {
      as: 'user-2',
      key: 'late',
      body,
      headers: { 'x-request-timeout-ms': '100' },
    });
    expect([late.status, slugOf(late)]).toEqual([504, 'catalog-timeout']);
    expect(performance.now() - startedAt).toBeLessThan(280);
    expect(await ordersCount()).toBe(before);
    // The reservation comes through after its release, and is refused.
    await expect
      .poll(() => shop.calls.report().services['catalog']?.routes['DELETE /reservations/{orderId}'] ?? 0)
      .toBeGreaterThan(0);
    shop.faults.clear();
    await expect.poll(() => stockOf(shop, productId)).toBe(available);
    expect((await place([{ productId, unitPrice, quantity: 2 }], 'late')).status).toBe(201);
  });
});

describe('cancelling an order', () => {
  let shop: OpenShop;
  const cancel = (id: string, key: string, as = 'user-1') =>
    shop.ask('orders', `/orders/${id}/cancellation`, { as, key, method: 'POST' });
  const firstOf = async (status: string) =>
    String(
      (await shop.ask('orders', `/orders?userId=user-1&status=${status}`, { as: 'user-1' })).body['items']?.[0]?.['id'],
    );

  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(async () => {
    await shop.close();
  });

  it('gives the stock back, once', async () => {
    const [offer] = await findOffers(shop, 'GBP');
    const { productId = '', unitPrice = 0, available = 0 } = offer ?? {};
    const body = { userId: 'user-1', currency: 'GBP', lines: [{ productId, unitPrice, quantity: 2 }] };
    const placed = await shop.ask('orders', '/orders', { as: 'user-1', key: 'a', body });
    const id = String(placed.body['id']);
    const cancelled = await cancel(id, 'b');
    expect([cancelled.status, cancelled.body['status']]).toEqual([200, 'cancelled']);
    expect((await cancel(id, 'b')).body).toEqual(cancelled.body);
    const again = await cancel(id, 'c');
    expect([again.status, slugOf(again)]).toEqual([409, 'already-cancelled']);
    expect(await stockOf(shop, productId)).toBe(available);
  });

  it('is refused for one that is shipped, and for one that is not there or another viewer’s', async () => {
    for (const status of ['shipped', 'delivered']) {
      const late = await cancel(await firstOf(status), status);
      expect([late.status, slugOf(late)]).toEqual([409, 'already-shipped']);
    }
    const none = await cancel('order-999999', 'none');
    const theirs = await cancel(await firstOf('confirmed'), 'theirs', 'user-3');
    expect([none.status, theirs.status]).toEqual([404, 404]);
    expect(theirs.body).toEqual(none.body);
  });

  it('ends the promise of a delivery', async () => {
    const cancelled = await cancel(await firstOf('confirmed'), 'promise');
    expect(cancelled.body).toMatchObject({ status: 'cancelled', estimatedDelivery: null });
  });
});
