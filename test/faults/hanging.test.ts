import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shop } from '../../demo/shop.ts';
import { measureHanging } from '../../scripts/faults/hanging.ts';
import { openLab, openShop } from '../../scripts/faults/lab.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop?.close());

test('a service that hangs costs the whole answer its section’s budget, and nothing once its breaker is open', async () => {
  const lab = await openLab(shop);
  try {
    const { untilOpen, onceOpen } = await measureHanging(lab, 'orders', { requests: 40, rounds: 1 });
    // The mobile section's 800 ms, and not the request's 3 s; the p99 is for `npm run test:soak`, on a machine of its own.
    expect(untilOpen.p50).toBeGreaterThan(700);
    expect(untilOpen.p50).toBeLessThan(2000);
    expect(onceOpen.p50).toBeLessThan(500);
  } finally {
    await lab.close();
  }
}, 60_000);
