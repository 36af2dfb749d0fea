import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { charmPrice, currencies } from '../../demo/world/money.ts';
import { createWorld } from '../../demo/world/world.ts';
import { morning, type OpenShop, openShop } from './open-shop.ts';

const day = 86_400_000;

describe.each([1, 2, 99])('the world of seed %i', (seed) => {
  const world = createWorld(seed, morning);
  const ordersOf = (userId: string) => world.orders.filter((order) => order.userId === userId).toReversed();
  const activeOf = (userId: string) =>
    ordersOf(userId).filter((order) => ['pending', 'confirmed', 'shipped'].includes(order.status));

  it('has 576 products with names of their own, in 12 categories, each with three to five large pictures', () => {
    expect(new Set(world.products.map((product) => product.name)).size).toBe(576);
    expect(new Set(world.products.map((product) => product.categoryId)).size).toBe(12);
    for (const { images, prices } of world.products) {
      expect(images.length).toBeGreaterThanOrEqual(3);
      expect(images.length).toBeLessThanOrEqual(5);
      expect(new Set(images.map((image) => image.file)).size).toBe(images.length);
      for (const image of images) expect(Math.max(image.width, image.height)).toBeGreaterThanOrEqual(2_000);
      expect(prices.map((price) => price.currency)).toEqual([...currencies]);
      for (const { amount } of prices) expect(amount).toBeGreaterThan(0);
    }
  });

  it('has 200 users of eight locales, each with one default address', () => {
    expect(world.users.map((user) => user.id)).toEqual(Array.from({ length: 200 }, (_, index) => `user-${index + 1}`));
    expect(new Set(world.users.map((user) => user.locale)).size).toBe(8);
    expect(new Set(world.users.map((user) => user.currency))).toEqual(new Set(currencies));
    for (const { addresses } of world.users) expect(addresses.filter((address) => address.isDefault)).toHaveLength(1);
  });

  it('has 5,000 orders over the 18 months before, by everyone, oldest first, adding up', () => {
    expect(world.orders).toHaveLength(5_000);
    expect(new Set(world.orders.map((order) => order.userId)).size).toBe(200);
    const times = world.orders.map((order) => order.placedAt.getTime());
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(Math.min(...times)).toBeGreaterThan(morning.getTime() - 549 * day);
    expect(Math.max(...times)).toBeLessThan(morning.getTime());
    for (const order of world.orders) {
      const subtotal = order.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice.amount, 0);
      expect(order.total.amount).toBe(subtotal + order.shipping.amount);
      expect(order.updatedAt.getTime()).toBeGreaterThanOrEqual(order.placedAt.getTime());
      expect(order.updatedAt.getTime()).toBeLessThanOrEqual(morning.getTime());
      expect(order.estimatedDelivery?.getTime() ?? Infinity).toBeGreaterThan(morning.getTime());
    }
  });

  it('has no order for a product that was not there yet', () => {
    const createdAt = new Map(world.products.map((product) => [product.id, product.createdAt.getTime()]));
    for (const order of world.orders) {
      for (const line of order.lines) {
        expect(createdAt.get(line.productId)).toBeLessThanOrEqual(order.placedAt.getTime());
      }
    }
  });

  it('has four orders of user-1 on their way, and of many others', () => {
    expect(ordersOf('user-1').length).toBeGreaterThanOrEqual(20);
    expect(
      activeOf('user-1')
        .slice(0, 4)
        .map((order) => order.status),
    ).toEqual(['pending', 'confirmed', 'shipped', 'shipped']);
    expect(world.users.filter((user) => activeOf(user.id).length > 0).length).toBeGreaterThan(40);
  });

  it('has exactly 100 distinct products in the last 20 orders of user-2', () => {
    const last = ordersOf('user-2').slice(0, 20);
    expect(last).toHaveLength(20);
    expect(new Set(last.flatMap((order) => order.lines.map((line) => line.productId))).size).toBe(100);
  });

  it('has read and unread notifications for everyone', () => {
    for (const user of world.users)
      expect(world.notifications.some((notification) => notification.userId === user.id)).toBe(true);
    const unread = world.notifications.filter((notification) => notification.readAt === null).length;
    expect(unread / world.notifications.length).toBeGreaterThan(0.2);
    expect(unread / world.notifications.length).toBeLessThan(0.6);
    expect(world.notifications.filter(({ userId, readAt }) => userId === 'user-1' && !readAt).length).toBeGreaterThan(
      2,
    );
  });
});

describe('a seed', () => {
  it('gives the same world again', () => {
    expect(JSON.stringify(createWorld(5, morning))).toBe(JSON.stringify(createWorld(5, morning)));
  });

  it('gives another world than another seed', () => {
    const [one, other] = [createWorld(5, morning), createWorld(6, morning)];
    expect(one.products.map((product) => product.name)).not.toEqual(other.products.map((product) => product.name));
    expect(one.users.map((user) => user.email)).not.toEqual(other.users.map((user) => user.email));
    expect(one.orders.map((order) => order.placedAt)).not.toEqual(other.orders.map((order) => order.placedAt));
  });

  it('gives the numbers that it gave when this was written', () => {
    const world = createWorld(1, morning);
    expect(world.products[0]?.name).toBe('Ember Cast-Iron Frying Pan, 24 cm');
    expect(world.users[2]?.name).toBe('佐藤 蓮');
    expect(world.orders.at(-1)?.total).toEqual({ amount: 19790, currency: 'EUR' });
  });
});

describe('two shops of one seed', () => {
  const shops: OpenShop[] = [];
  const paths = [
    ['users', '/users/user-2'],
    ['catalog', '/products?ids=product-1,product-300,product-576'],
    ['catalog', '/search?q=oak&limit=50'],
    ['orders', '/orders?userId=user-2&limit=100'],
    ['analytics', '/spending?userId=user-2&from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z'],
    ['recommendations', '/recommendations?userId=user-2&limit=50'],
    ['notifications', '/notifications?userId=user-2'],
  ] as const;

  beforeAll(async () => {
    shops.push(
      await openShop({ seed: 3, instances: 1 }),
      await openShop({ seed: 3, instances: 1 }),
      await openShop({ seed: 4, instances: 1 }),
    );
  });
  afterAll(async () => {
    await Promise.all(shops.map((shop) => shop.close()));
  });

  it('answer alike, and unlike a shop of another seed', async () => {
    for (const [service, path] of paths) {
      const answers = await Promise.all(
        shops.map(async (shop) => {
          const { body } = await shop.ask(service, path, { as: 'user-2' });
          return JSON.stringify({ ...(body as object), generatedAt: null }).replaceAll(shop.mediaUrl, '');
        }),
      );
      expect(answers[0], path).toBe(answers[1]);
      expect(answers[0], path).not.toBe(answers[2]);
    }
  });
});

describe('a price', () => {
  it('is written as on a label', () => {
    expect(currencies.map((currency) => charmPrice(4_600, currency).amount)).toEqual([
      4_595, 3_995, 7_580, 51_900, 4_995,
    ]);
    expect(currencies.map((currency) => charmPrice(899, currency).amount)).toEqual([899, 799, 1_480, 9_900, 999]);
    expect(currencies.map((currency) => charmPrice(34_900, currency).amount)).toEqual([
      34_900, 29_900, 57_800, 399_900, 37_900,
    ]);
  });
});
