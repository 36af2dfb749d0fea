import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWebServer } from '../../bffs/web/server.ts';
import { loadConfig } from '../../shared/config/config.ts';
import { createClockAhead } from '../support/clock-ahead.ts';
import { askGraphql, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ seed: 11 });
});

afterAll(() => stack.close());

test('an id that no product can have is null in its place, and the others of its batch come', async () => {
  const ids = ['product-40', 'Foo Bar', 'PRODUCT-41', 'é', '..', '__proto__', 'product-41', 'product-40'];
  const query = 'query ($ids: [ID!]!) { products(ids: $ids) { id } product(id: "no, not this") { id } }';
  const { body } = await stack.askWeb(query.replace('no, not this', 'Not This'), { variables: { ids } });

  expect(body.errors).toBeUndefined();
  const [first, last] = [{ id: 'product-40' }, { id: 'product-41' }];
  expect(body.data).toEqual({ products: [first, null, null, null, null, null, last, first], product: null });
});

test('an id that no order can have is null, and the other order of its batch comes', async () => {
  const token = await stack.shop.token('user-9');
  const { body: list } = await stack.askMobile('{ orders(first: 2) { nodes { id } } }', { token });
  const [newest] = list.data.orders.nodes;
  const query =
    'query ($id: ID!) { own: order(id: $id) { id } odd: order(id: "X Y") { id } foreign: order(id: "order-1") { id } }';
  const { body } = await stack.askMobile(query, { token, variables: { id: newest.id } });

  expect(body.errors).toBeUndefined();
  expect(body.data).toEqual({ own: newest, odd: null, foreign: null });
});

test('analytics that were kept stand in for the service in the next hour too', async () => {
  const clock = createClockAhead();
  const web = await startWebServer(loadConfig(stack.env), { clock });
  const token = await stack.shop.token('user-8', { expiresInSeconds: 8 * 3600 });
  const ask = () =>
    askGraphql(
      `${web.url}/graphql`,
      '{ dashboard(period: LAST_90_DAYS) { analytics { asOf to totals { orderCount } } } }',
      { token },
    );
  try {
    const { body: before } = await ask();
    await stack.fault('analytics', { status: 503 });
    clock.aheadMs = 5 * 3_600_000;
    const { body: after } = await ask();

    expect(before.data.dashboard.analytics.totals.orderCount).toBeGreaterThan(0);
    expect(after.errors).toBeUndefined();
    expect(after.data).toEqual(before.data);
    expect(after.extensions?.['degraded']).toMatchObject([{ service: 'analytics', reason: 'DOWNSTREAM_UNAVAILABLE' }]);
  } finally {
    await stack.mend();
    await web.close('now');
  }
});

test('the period ends with the clock of the service, so that an older shop has its own last months', async () => {
  const token = await stack.shop.token('user-2');
  const query = '{ dashboard(period: LAST_30_DAYS) { analytics { from to months { month } } } }';
  const { body } = await stack.askWeb(query, { token });
  const { from, to, months } = body.data.dashboard.analytics;

  expect(to).toMatch(/^2026-11-01T00:/);
  expect(Date.parse(to) - Date.parse(from)).toBe(30 * 86_400_000);
  expect(months.map(({ month }: { month: string }) => month)).toEqual(['2026-10', '2026-11']);
});

test.each(['search(query: "", after: "zzz")', 'orders(first: 1, after: "zzz")'])(
  'a cursor that no service gave out is named: %s',
  async (field) => {
    const { body } = await stack.askMobile(`{ ${field} { totalCount } }`, { token: await stack.shop.token('user-1') });
    expect(body.errors).toEqual([
      expect.objectContaining({
        message: '`after` must be an `endCursor` of the same question.',
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      }),
    ]);
  },
);
