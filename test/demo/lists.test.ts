import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceName } from '../../demo/shop.ts';
import { findOffers, type Json, morning, type OpenShop, openShop, slugOf } from './open-shop.ts';

describe('a viewer’s lists', () => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(async () => {
    await shop.close();
  });

  async function readAll(
    service: ServiceName,
    path: string,
    limit: number,
    betweenPages?: () => Promise<void>,
  ): Promise<Json[]> {
    const items: Json[] = [];
    for (let cursor = ''; ; ) {
      const { status, body } = await shop.ask(service, `${path}&limit=${limit}${cursor}`, { as: 'user-2' });
      expect(status).toBe(200);
      items.push(...(body['items'] ?? []));
      if (body['nextCursor'] === null) return items;
      cursor = `&cursor=${String(body['nextCursor'])}`;
      await betweenPages?.();
    }
  }

  it.each([
    ['orders', '/orders?userId=user-2', 'placedAt'],
    ['notifications', '/notifications?userId=user-2', 'createdAt'],
  ] as const)('of %s page newest first, without a gap or a repeat', async (service, path, time) => {
    const whole = await readAll(service, path, 100);
    for (const limit of [1, 3, 7]) expect(await readAll(service, path, limit)).toEqual(whole);
    const times = whole.map((item) => String(item[time]));
    expect(times).toEqual(times.toSorted().toReversed());
    expect(whole.every((item) => String(item['userId']) === 'user-2')).toBe(true);
    const first = await shop.ask(service, `${path}&limit=1`, { as: 'user-2' });
    expect(first.body['total']).toBe(whole.length);
  });

  it('of orders neither hide nor repeat one while another is placed', async () => {
    const path = '/orders?userId=user-2';
    const before = await readAll('orders', path, 100);
    const [offer] = await findOffers(shop, 'EUR');
    let placed = 0;
    const during = await readAll('orders', path, 9, async () => {
      placed += 1;
      const lines = [{ productId: offer?.productId, unitPrice: offer?.unitPrice, quantity: 1 }];
      await shop.ask('orders', '/orders', {
        as: 'user-2',
        key: `k${placed}`,
        body: { userId: 'user-2', currency: 'EUR', lines },
      });
    });
    expect(during).toEqual(before);
    expect(await readAll('orders', path, 100)).toHaveLength(before.length + placed);
  });

  it('of orders narrow to the statuses asked for', async () => {
    const { body } = await shop.ask('orders', '/orders?userId=user-1&status=pending,shipped', { as: 'user-1' });
    expect(new Set(body['items']?.map((order) => order['status']))).toEqual(new Set(['pending', 'shipped']));
    expect(body['total']).toBe(body['items']?.length);
    const wrong = await shop.ask('orders', '/orders?userId=user-1&status=lost', { as: 'user-1' });
    expect([wrong.status, slugOf(wrong)]).toEqual([422, 'validation']);
  });

  it('refuse the cursor of another list', async () => {
    const { body } = await shop.ask('notifications', '/notifications?userId=user-2&limit=1', { as: 'user-2' });
    const refused = await shop.ask('orders', `/orders?userId=user-2&cursor=${String(body['nextCursor'])}`, {
      as: 'user-2',
    });
    expect([refused.status, slugOf(refused)]).toEqual([422, 'invalid-cursor']);
  });

  it('of notifications count down as they are read, once', async () => {
    const unread = await shop.ask('notifications', '/notifications?userId=user-1&unread=true', { as: 'user-1' });
    const ids = unread.body['items']?.slice(0, 2).map((notification) => String(notification['id'])) ?? [];
    const foreign = (await shop.ask('notifications', '/notifications?userId=user-3', { as: 'user-3' })).body[
      'items'
    ]?.[0]?.['id'];
    const body = { userId: 'user-1', ids: [...ids, 'none', String(foreign), ...ids] };
    const mark = () => shop.ask('notifications', '/notifications/read', { as: 'user-1', body });
    const left = Number(unread.body['unreadCount']) - 2;
    const expected = { userId: 'user-1', readIds: ids, unknownIds: ['none', String(foreign)], unreadCount: left };
    expect((await mark()).body).toEqual(expected);
    expect((await mark()).body).toEqual(expected);
    const after = await shop.ask('notifications', '/notifications?userId=user-1&unread=true', { as: 'user-1' });
    expect([after.body['total'], after.body['unreadCount']]).toEqual([left, left]);
  });
});

describe('what is worked out for a viewer', () => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop({ instances: 1 });
  });
  afterAll(async () => {
    await shop.close();
  });

  it('recommends to each what they have not bought, for reasons that hold', async () => {
    const lists = await Promise.all(
      ['user-1', 'user-2', 'user-3'].map(async (as) => {
        const bought = new Set<string>();
        for (let cursor = ''; ; ) {
          const { body } = await shop.ask('orders', `/orders?userId=${as}&limit=100${cursor}`, { as });
          const kept = (body['items'] ?? []).filter((order) => String(order['status']) !== 'cancelled');
          for (const order of kept) for (const line of order['lines'] ?? []) bought.add(String(line['productId']));
          if (body['nextCursor'] === null) break;
          cursor = `&cursor=${String(body['nextCursor'])}`;
        }
        const { body } = await shop.ask('recommendations', `/recommendations?userId=${as}&limit=30`, { as });
        const items = body['items'] ?? [];
        expect(items).toHaveLength(30);
        expect(new Set(items.map((item) => item['productId'])).size).toBe(30);
        const scores = items.map((item) => Number(item['score']));
        expect(scores).toEqual(scores.toSorted((left, right) => right - left));
        for (const item of items) {
          expect(bought.has(String(item['productId']))).toBe(false);
        }
        const origins = items
          .map((item) => item['reason']?.['basedOnProductId'] ?? null)
          .filter((origin) => origin !== null);
        expect(origins.length).toBeGreaterThan(0);
        expect(origins.every((origin) => bought.has(String(origin)))).toBe(true);
        expect(new Set(items.map((item) => item['reason']?.['code'])).size).toBeGreaterThan(2);
        return items.map((item) => String(item['productId']));
      }),
    );
    expect(new Set(lists.map((list) => list.join())).size).toBe(3);
  });

  it('recommends bestsellers to anyone, and to a viewer who has bought nothing', async () => {
    const popular = await shop.ask('recommendations', '/recommendations/popular?limit=10');
    expect(popular.body['items']).toHaveLength(10);
    const { body } = await shop.ask('recommendations', '/recommendations?userId=newcomer&limit=10', { as: 'newcomer' });
    expect(body['items']).toEqual(popular.body['items']);
  });

  it('adds up the spending over months and categories, cancelled orders left out', async () => {
    const { body } = await shop.ask('analytics', '/spending?userId=user-2&compare=previous-period', { as: 'user-2' });
    const sum = (parts: Json | undefined) =>
      parts?.reduce((total, part) => total + Number(part['spent']?.['amount']), 0);
    const spent = Number(body['totals']?.['spent']?.['amount']);
    expect(spent).toBeGreaterThan(0);
    expect([sum(body['months']), sum(body['categories'])]).toEqual([spent, spent]);
    const ordersOfMonths = body['months']?.reduce((total, month) => total + Number(month['orders']), 0);
    expect(ordersOfMonths).toBe(body['totals']?.['orders']);

    const { body: listed } = await shop.ask('orders', '/orders?userId=user-2&limit=100', { as: 'user-2' });
    const counted = (listed['items'] ?? [])
      .filter((order) => String(order['status']) !== 'cancelled' && String(order['placedAt']) >= String(body['from']))
      .flatMap((order) => order['lines'] ?? [])
      .reduce((total, line) => total + Number(line['unitPrice']?.['amount']) * Number(line['quantity']), 0);
    expect(spent).toBe(counted);
  });

  it('names each month of the period, and compares with one as long', async () => {
    const query = 'from=2026-08-15T00:00:00Z&to=2026-11-01T00:00:00Z&compare=previous-period';
    const { body } = await shop.ask('analytics', `/spending?userId=user-1&${query}`, { as: 'user-1' });
    expect(body['months']?.map((month) => month['month'])).toEqual(['2026-08', '2026-09', '2026-10']);
    expect(body['previous']).toMatchObject({ from: '2026-05-29T00:00:00.000Z', to: '2026-08-15T00:00:00.000Z' });
    const alone = await shop.ask('analytics', '/spending?userId=user-1', { as: 'user-1' });
    expect(alone.body['previous']).toBeNull();
    expect(String(alone.body['to']).slice(0, 10)).toBe(morning.toISOString().slice(0, 10));
  });

  it('counts the days back from the end of the period, which is now unless it is given', async () => {
    const { body } = await shop.ask('analytics', '/spending?userId=user-1&days=30', { as: 'user-1' });
    expect(String(body['to']).slice(0, 10)).toBe(morning.toISOString().slice(0, 10));
    expect(Date.parse(String(body['to'])) - Date.parse(String(body['from']))).toBe(30 * 86_400_000);
    const past = await shop.ask('analytics', '/spending?userId=user-1&days=7&to=2026-10-08T00:00:00Z', {
      as: 'user-1',
    });
    expect(past.body['from']).toBe('2026-10-01T00:00:00.000Z');
  });

  it.each([
    'days=0',
    'days=3661',
    'days=30&from=2026-10-01T00:00:00Z',
    'from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z',
    'from=1900-01-01T00:00:00Z',
    'from=yesterday',
    'to=2026-13-01T00:00:00Z',
  ])('refuses the period %s', async (query) => {
    const refused = await shop.ask('analytics', `/spending?userId=user-1&${query}`, { as: 'user-1' });
    expect([refused.status, slugOf(refused)]).toEqual([422, 'validation']);
  });

  it('takes 500 events and not 501, nor one of an unknown type', async () => {
    const events = (count: number, type = 'searched') => ({
      events: Array.from({ length: count }, () => ({ type, at: '2026-11-22T00:00:00Z' })),
    });
    const send = (body: unknown) => shop.ask('analytics', '/events', { as: 'user-1', body });
    const token = await shop.serviceToken('bff');
    const mixed = ['user-1', 'auth0|Some One'].map((userId) => ({
      type: 'searched',
      at: '2026-11-22T00:00:00Z',
      userId,
    }));
    expect((await shop.ask('analytics', '/events', { token, body: { events: mixed } })).body).toEqual({ accepted: 2 });
    expect((await send(events(500))).body).toEqual({ accepted: 500 });
    expect([
      (await send(events(501))).status,
      (await send(events(0))).status,
      (await send(events(1, 'guessed'))).status,
    ]).toEqual([422, 422, 422]);
  });
});
