import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shop } from '../../demo/shop.ts';
import { openLab, openShop, type StartOptions, uncached } from '../../scripts/faults/lab.ts';
import { timed } from '../../scripts/faults/outcome.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop?.close());

const slowMs = 1000;

/** Searches while one instance of three is slow; returns how many of them waited for it, and the hedges that `/metrics` shows. */
async function search(policy: StartOptions['policy']): Promise<{ slow: number; hedges: number; errors: number }> {
  const lab = await openLab(shop);
  try {
    // Round robin gives the slow instance its full share: it is for the hedge to see to it.
    const server = await lab.start({
      ...uncached,
      policy: { ...uncached.policy, balancing: 'round-robin', ...policy },
    });
    const ask = () => server.ask('{ search(first: 1) { nodes { id } } }', { token: lab.token });
    for (let i = 0; i < 40; i++) await ask();
    lab.fault('catalog', { instance: 'catalog-1', route: 'GET /search', delayMs: slowMs });
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await timed(ask));
    const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
    return {
      slow: answers.filter(({ ms }) => ms >= slowMs).length,
      hedges: Number(/bff_downstream_repeats_total\{service="catalog",kind="hedge"\} (\d+)/.exec(metrics)?.[1] ?? 0),
      errors: answers.filter(({ result }) => result.body.errors !== undefined).length,
    };
  } finally {
    await lab.close();
  }
}

test('a search that meets a slow instance is answered by another; without hedging it waits', async () => {
  const hedged = await search({});
  expect(hedged).toMatchObject({ slow: 0, errors: 0 });
  expect(hedged.hedges).toBeGreaterThanOrEqual(2);
  expect(await search({ isHedging: false })).toEqual({ slow: 2, hedges: 0, errors: 0 });
});
