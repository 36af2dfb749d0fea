import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shop } from '../../demo/shop.ts';
import { runIsolation } from '../../scripts/faults/isolation.ts';
import { type Lab, openLab, openShop } from '../../scripts/faults/lab.ts';

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

test('200 viewers who ask while services fail see nobody else’s data, and no error that is not the services’ own', async () => {
  const server = await lab.start({
    policy: { healthCheckIntervalMs: 0, breakerOpenMs: 300, attemptTimeoutMs: 250 },
    deadlineMs: 1000,
  });
  const seen = await runIsolation(lab, server, { viewers: 200, requestsEach: 5, atOnce: 16 });

  expect(seen.foreign).toEqual([]);
  expect(seen.unexpected).toEqual([]);
  expect(seen.complete).toBeGreaterThan(seen.requests / 4);
}, 90_000);
