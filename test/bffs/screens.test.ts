import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

const home = readFileSync('schema/operations/mobile/home.graphql', 'utf8');
const dashboard = readFileSync('schema/operations/web/dashboard.graphql', 'utf8');

describe.each([1, 7])('the screens, on seed %i', (seed) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ seed });
  });

  afterAll(() => stack.close());

  test('the phone gets its whole home screen for at most 4 downstream calls', async () => {
    const token = await stack.shop.token('user-1');
    await stack.forgetCalls();
    const { status, body } = await stack.askMobile(home, { token });
    const { total, services } = await stack.calls();

    expect(status).toBe(200);
    expect(body.errors).toBeUndefined();
    expect(body.extensions?.['degraded']).toBeUndefined();
    expect(body.data.home.viewer.name).toMatch(/\w/);
    expect(body.data.home.viewer.avatar.url).toMatch(/^https?:/);
    expect(body.data.home.recommendations).toHaveLength(10);
    for (const product of body.data.home.recommendations) {
      expect(product.price.formatted).toMatch(/\d/);
      expect(product.image.url).toMatch(/^https?:/);
    }
    expect(body.data.home.activeOrders).toHaveLength(3);
    expect(total, JSON.stringify(services)).toBeLessThanOrEqual(4);
  });

  test('the dashboard gets 20 orders with 100 distinct products and all else for at most 7 downstream calls', async () => {
    const token = await stack.shop.token('user-2');
    await stack.forgetCalls();
    const { status, body } = await stack.askWeb(dashboard, { token });
    const { total, services } = await stack.calls();

    expect(status).toBe(200);
    expect(body.errors).toBeUndefined();
    const { profile, orders, recommendations, analytics, notifications } = body.data.dashboard;
    const productIds = new Set<string>();
    for (const order of orders.nodes) for (const line of order.lines) productIds.add(line.product.id);
    expect(orders.nodes).toHaveLength(20);
    expect(productIds.size).toBe(100);
    expect(profile.viewer.id).toBe('user-2');
    expect(recommendations.nodes.length).toBeGreaterThan(0);
    expect(analytics.months.length).toBeGreaterThanOrEqual(12);
    expect(notifications.unreadCount).toBeGreaterThanOrEqual(notifications.nodes.length);
    for (const section of [profile, orders, recommendations, analytics, notifications]) {
      expect(Date.parse(section.asOf)).toBeGreaterThan(Date.now() - 60_000);
    }
    expect(total, JSON.stringify(services)).toBeLessThanOrEqual(7);
  });

  test('without a token the phone still gets a home screen, with what sells best', async () => {
    const { body } = await stack.askMobile(home);

    expect(body.errors).toBeUndefined();
    expect(body.data.home.viewer).toBeNull();
    expect(body.data.home.recommendations).toHaveLength(10);
    expect(body.data.home.activeOrders).toBeNull();
  });

  test('a price is shown in the locale asked for, else in the viewer’s own', async () => {
    const token = await stack.shop.token('user-1');
    const query =
      'query ($id: ID!) { product(id: $id) { price(currency: EUR) { de: formatted(locale: "de-DE") own: formatted } } viewer { locale } }';
    const { body: home1 } = await stack.askMobile(home, { token });
    const { id } = home1.data.home.recommendations[0];
    const { body } = await stack.askMobile(query, { token, variables: { id } });
    const amount = Number(body.data.product.price.de.replace(/[^\d,]/g, '').replace(',', '.'));

    expect(body.data.product.price.de).toMatch(/^[\d.]+,\d\d\s€$/);
    expect(body.data.product.price.own).toBe(
      new Intl.NumberFormat(body.data.viewer.locale, { style: 'currency', currency: 'EUR' }).format(amount),
    );
  });
});
