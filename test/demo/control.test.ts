import { assert, dictionary, integer, jsonValue, property, string } from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFaults } from '../../demo/faults.ts';
import { mergeOver } from '../../demo/services/fault-plan.ts';
import { serviceNames } from '../../demo/shop.ts';
import { findOffers, type OpenShop, openShop, slugOf } from './open-shop.ts';

describe('the control server', () => {
  let shop: OpenShop;
  const put = (service: string, body: unknown) => shop.ask('control', `/faults/${service}`, { method: 'PUT', body });
  const categories = (instance = 0) => shop.ask('catalog', '/categories', { instance });

  beforeAll(async () => {
    shop = await openShop({ instances: 2 });
  });
  beforeEach(async () => {
    await shop.ask('control', '/faults', { method: 'DELETE' });
    await shop.ask('control', '/calls', { method: 'DELETE' });
  });
  afterAll(async () => {
    await shop.close();
  });

  it('names every instance and the picture store', async () => {
    const { body } = await shop.ask('control', '/services');
    expect(body).toEqual({
      services: serviceNames.map((name) => ({
        name,
        instances: shop.services[name].map((url, index) => ({ id: `${name}-${index + 1}`, url })),
      })),
      media: { url: shop.mediaUrl },
    });
  });

  it('counts by service, route and instance, faulted and refused requests included, health and documents left out', async () => {
    await put('catalog', { route: 'GET /categories/{id}', status: 503 });
    await Promise.all([
      categories(0),
      categories(1),
      shop.ask('catalog', '/categories/books'),
      shop.ask('users', '/users/user-1'),
    ]);
    await Promise.all([
      shop.ask('catalog', '/health'),
      shop.ask('catalog', '/openapi.json'),
      shop.ask('catalog', '/nowhere/at/all'),
    ]);
    const { body } = await shop.ask('control', '/calls');
    expect(body).toMatchObject({
      total: 5,
      services: {
        catalog: {
          total: 4,
          routes: { 'GET /categories': 2, 'GET /categories/{id}': 1, 'GET (no route)': 1 },
          instances: { 'catalog-1': 3, 'catalog-2': 1 },
        },
        users: { total: 1, routes: { 'GET /users/{id}': 1 } },
        orders: { total: 0, routes: {} },
        media: { total: 0, routes: {} },
      },
    });
    await shop.ask('control', '/calls', { method: 'DELETE' });
    expect((await shop.ask('control', '/calls')).body['total']).toBe(0);
  });

  it('lets a service answer with a status and a time to wait', async () => {
    const { body } = await put('catalog', { status: 429, retryAfterSeconds: 7 });
    expect(body['faults']).toEqual([{ service: 'catalog', status: 429, retryAfterSeconds: 7, hits: 0 }]);
    const faulted = await categories();
    expect([faulted.status, faulted.headers.get('retry-after'), slugOf(faulted)]).toEqual([429, '7', 'injected-fault']);
    expect((await shop.ask('control', '/faults')).body['faults']?.[0]?.['hits']).toBe(1);
    await shop.ask('control', '/faults', { method: 'DELETE' });
    expect((await categories()).status).toBe(200);
  });

  it('faults one instance or one route alone, and health only by name', async () => {
    await put('catalog', { instance: 'catalog-2', status: 500 });
    expect([(await categories(0)).status, (await categories(1)).status]).toEqual([200, 500]);
    await shop.ask('control', '/faults/catalog', { method: 'DELETE' });
    await put('catalog', { route: 'GET /categories', status: 500 });
    expect([(await categories()).status, (await shop.ask('catalog', '/categories/books')).status]).toEqual([500, 200]);
    await put('catalog', { status: 502 });
    expect((await categories()).status).toBe(500);
    expect((await shop.ask('catalog', '/health')).status).toBe(200);
    await put('catalog', { route: 'GET /health', status: 503 });
    expect((await shop.ask('catalog', '/health')).status).toBe(503);
    expect((await shop.ask('users', '/health')).status).toBe(200);
  });

  it('resets the connection', async () => {
    await put('catalog', { reset: true });
    const reset = await categories().catch((error: unknown) => error);
    expect(reset).toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  it('hangs until the caller goes away', async () => {
    await put('catalog', { hang: true });
    const caller = new AbortController();
    let isSettled = false;
    const hanging = shop.ask('catalog', '/categories', { signal: caller.signal }).finally(() => {
      isSettled = true;
    });
    await expect.poll(async () => (await shop.ask('control', '/calls')).body['total']).toBe(1);
    // The whole shop has answered in the meantime.
    expect((await shop.ask('recommendations', '/recommendations/popular')).status).toBe(200);
    expect(isSettled).toBe(false);
    caller.abort();
    await expect(hanging).rejects.toThrow('aborted');
  });

  it('waits before it answers', async () => {
    await put('catalog', { delayMs: 120 });
    const startedAt = performance.now();
    expect((await categories()).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
  });

  it.each([
    [true, 'application/json', /^\{"items"/],
    ['html', 'text/html; charset=utf-8', /^<!doctype/],
    ['empty', 'application/json', /^$/],
  ] as const)('breaks the body: %s', async (malformed, type, text) => {
    await put('catalog', { malformed });
    const response = await fetch(`${shop.services.catalog[0]}/categories`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    const body = await response.text();
    expect(body).toMatch(text);
    expect(() => JSON.parse(body) as unknown).toThrow(SyntaxError);
  });

  it('changes single values of an answer', async () => {
    await put('catalog', {
      route: 'GET /categories',
      body: { items: { 0: { name: null }, '*': { position: '12' } }, more: 1 },
    });
    const { body, headers } = await categories();
    expect(body['items']?.[0]).toMatchObject({ id: 'home', name: null, position: 100 });
    expect(body['items']?.[1]).toMatchObject({ id: 'cookware', name: 'Cookware', position: '12' });
    expect(body['more']).toBe(1);
    expect(headers.get('etag')).toBeNull();
  });

  it('loses the answer of a write that happens', async () => {
    await put('orders', { route: 'POST /orders', reset: true, after: true });
    const [offer] = await findOffers(shop, 'EUR');
    const lines = [{ productId: offer?.productId, unitPrice: offer?.unitPrice, quantity: 1 }];
    const place = () =>
      shop.ask('orders', '/orders', { as: 'user-2', key: 'lost', body: { userId: 'user-2', currency: 'EUR', lines } });
    await expect(place()).rejects.toThrow('fetch failed');
    await shop.ask('control', '/faults', { method: 'DELETE' });
    const again = await place();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  });

  it('says what to do about a fault that it cannot make', async () => {
    const wrong: [string, unknown, number, RegExp][] = [
      ['shop', { status: 500 }, 404, /users, catalog, recommendations/],
      ['catalog', { instance: 'catalog-3', status: 500 }, 404, /catalog-1, catalog-2/],
      ['catalog', { route: '/products', status: 500 }, 400, /GET \/products,/],
      ['catalog', { satus: 500 }, 400, /satus is not known here\. The fields are instance, route/],
      ['catalog', { rate: 1.5, status: 500 }, 400, /rate must be at most 1/],
      ['catalog', { hang: false }, 400, /hang/],
      ['catalog', { malformed: 'xml' }, 400, /true, html, empty/],
      ['catalog', { rate: 0.5 }, 400, /Say what happens/],
      ['catalog', [], 400, /The fields are/],
    ];
    for (const [service, body, status, detail] of wrong) {
      const refused = await put(service, body);
      expect(refused.status, JSON.stringify(body)).toBe(status);
      expect(refused.body['detail']).toMatch(detail);
    }
    expect((await shop.ask('control', '/faults')).body).toEqual({ faults: [] });
  });
});

describe('a fault', () => {
  const request = { service: 'catalog', instance: 'catalog-1', route: 'GET /products' };

  it('meets the same requests for the same seed, about as often as its rate says', () => {
    const draw = (seed: number) => {
      const faults = createFaults({ seed, monotonicMs: () => 0 });
      faults.put('catalog', { status: 500, rate: 0.3 });
      return Array.from({ length: 2_000 }, () => faults.decide(request) !== null);
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const share = draw(1).filter(Boolean).length / 2_000;
    expect(share).toBeGreaterThan(0.26);
    expect(share).toBeLessThan(0.34);
  });

  it('never happens at rate 0 and always at rate 1', () => {
    const faults = createFaults({ seed: 1, monotonicMs: () => 0 });
    faults.put('catalog', { status: 500, rate: 0 });
    expect(Array.from({ length: 100 }, () => faults.decide(request)).every((plan) => plan === null)).toBe(true);
    faults.put('catalog', { status: 500, rate: 1 });
    expect(Array.from({ length: 100 }, () => faults.decide(request)).every((plan) => plan?.status === 500)).toBe(true);
  });

  it('ends by itself', () => {
    let nowMs = 0;
    const faults = createFaults({ seed: 1, monotonicMs: () => nowMs });
    faults.put('catalog', { status: 500, forMs: 1_000 });
    nowMs = 999;
    expect(faults.decide(request)).not.toBeNull();
    nowMs = 1_000;
    expect(faults.decide(request)).toBeNull();
    expect(faults.list()).toEqual([]);
  });

  it('that lays nothing over an answer leaves it as it is, and what it lays over is there', () => {
    assert(
      property(dictionary(string(), jsonValue()), (answer) => {
        expect(mergeOver(answer, {})).toEqual({ ...answer });
      }),
    );
    assert(
      property(jsonValue(), string({ minLength: 1 }), integer(), (answer, name, value) => {
        if (Array.isArray(answer)) return;
        const merged = mergeOver(answer, Object.fromEntries([[name, value]]));
        expect(Object.entries(merged as object)).toContainEqual([name, value]);
      }),
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
