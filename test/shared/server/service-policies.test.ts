import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shop } from '../../../demo/shop.ts';
import { type Lab, openLab, openShop } from '../../../scripts/faults/lab.ts';
import { defaultServicePolicy } from '../../../shared/downstream/policy.ts';

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

test('a service’s own figures hold for it alone, above what is set for all, and /health shows them', async () => {
  const own = { attempts: 1, isTimeoutAdaptive: true, breakerOpenMs: 2000 };
  const server = await lab.start({ servicePolicies: { catalog: own }, env: { BREAKER_OPEN_MS: '30000' } });
  expect((await server.service('catalog')).policy).toEqual({ ...defaultServicePolicy, ...own });
  expect((await server.service('orders')).policy).toEqual({ ...defaultServicePolicy, breakerOpenMs: 30_000 });

  lab.fault('catalog', { status: 503 });
  lab.fault('orders', { status: 503 });
  await server.ask('{ product(id: "product-1") { id } orders(first: 1) { totalCount } }', { token: lab.token });
  expect([lab.calls('catalog'), lab.calls('orders')]).toEqual([1, 3]);
});

test('nobody has any where the table says nothing', async () => {
  const server = await lab.start();
  expect((await server.service('catalog')).policy).toEqual(defaultServicePolicy);
});
