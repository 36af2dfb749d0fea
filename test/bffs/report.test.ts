import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFrugal, reportOf } from '../support/answer-report.ts';
import { type Stack, startStack } from '../support/stack.ts';

const home = readFileSync('schema/operations/mobile/home.graphql', 'utf8');
const dashboard = readFileSync('schema/operations/web/dashboard.graphql', 'utf8');

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack({ env: { NODE_ENV: 'development' } });
  token = await stack.shop.token('user-3');
});

afterAll(() => stack.close());

test('a call is reported with its service, route, keys, time, bytes, and what the cache had', async () => {
  const query = '{ a: product(id: "product-90") { name } b: product(id: "product-91") { name } }';
  const first = reportOf(await stack.askWeb(query));
  expect(first.calls).toEqual([
    {
      service: 'catalog',
      method: 'GET',
      route: '/products',
      keyCount: 2,
      attempts: 1,
      outcome: '200',
      startedMs: expect.any(Number),
      durationMs: expect.any(Number),
      bytes: expect.any(Number),
    },
  ]);
  expect(first.calls[0]?.bytes).toBeGreaterThan(100);
  expect(first.lookups).toEqual([{ read: 'catalog.products', counts: { missed: 2 } }]);
  expect(reportOf(await stack.askWeb(query))).toEqual({
    callCount: 0,
    calls: [],
    lookups: [{ read: 'catalog.products', counts: { fresh: 2 } }],
    flags: [],
  });
});

test('our own screens ask no service item by item, nor one call after another', async () => {
  expectFrugal(await stack.askMobile(home, { token }), { maxCalls: 4 });
  expectFrugal(await stack.askWeb(dashboard, { token }), { maxCalls: 7 });
});

test('what cannot be batched and is asked again and again is flagged', async () => {
  const searches = ['pan', 'pot', 'lamp', 'rug'].map((word) => `${word}: search(query: "${word}") { nodes { id } }`);
  const { flags } = reportOf(await stack.askWeb(`{ ${searches.join(' ')} }`));
  expect(flags).toEqual([
    expect.objectContaining({ flag: 'N_PLUS_ONE', service: 'catalog', route: '/search', calls: 4 }),
  ]);
});
