import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shop } from '../../demo/shop.ts';
import { type Lab, openLab, openShop, uncached } from '../../scripts/faults/lab.ts';

let shop: Shop;
let lab: Lab;

beforeAll(async () => {
  shop = await openShop();
  lab = await openLab(shop);
});

afterAll(async () => {
  await lab?.close();
  await shop?.close();
});

const home = '{ home { recommendations(first: 2) { id } activeOrders(first: 1) { id } } }';

test('a section with a default is left out when less is left than its service lately took; 1 in 20 goes through; one without is not', async () => {
  // Requests are counted, so that each call is one.
  const policy = { ...uncached.policy, isHedging: false };
  const server = await lab.start({ ...uncached, policy, client: 'mobile' });
  lab.fault('recommendations', { delayMs: 700 });
  lab.fault('orders', { delayMs: 700 });
  const ask = (headers: Record<string, string> = {}) => server.ask(home, { token: lab.token, headers });
  await Promise.all(Array.from({ length: 25 }, () => ask()));
  expect((await server.service('recommendations')).calls).toBeGreaterThanOrEqual(20);

  const before = { recommendations: lab.calls('recommendations'), orders: lab.calls('orders') };
  const hurried = await Promise.all(Array.from({ length: 40 }, () => ask({ 'x-request-timeout-ms': '600' })));

  expect(lab.calls('recommendations') - before.recommendations).toBe(2);
  expect(lab.calls('orders') - before.orders).toBe(40);
  for (const { body } of hurried) {
    expect(body.data.home.recommendations).toEqual([]);
    expect(body.extensions?.['degraded']).toMatchObject([{ path: ['home', 'recommendations'], reason: 'DEFAULT' }]);
  }
});
