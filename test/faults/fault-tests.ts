import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shop } from '../../demo/shop.ts';
import { differences } from '../../scripts/faults/bound.ts';
import type { Fault } from '../../scripts/faults/fault.ts';
import { openShop } from '../../scripts/faults/lab.ts';
import { meetOnce } from '../../scripts/faults/run.ts';

/** Times on the wall are for `npm run faults`; here a mechanism that is gone shows, and a busy machine does not. */
const slack = { time: 10, share: 10 };

/** A test for each of these rows, through a running server; all of them share one shop. */
export function testFaults(faults: readonly Fault[]): void {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop();
  });

  afterAll(() => shop?.close());

  test.each(faults.map((fault) => ({ ...fault })))(
    '$id: $fault: $promise',
    async (fault) => {
      const seen = await meetOnce(shop, fault);
      expect(differences(fault, seen, slack), JSON.stringify(seen)).toEqual([]);
    },
    60_000,
  );
}
