import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GraphqlAnswer, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ instances: 2 });
});

afterAll(() => stack.close());

const dashboard = readFileSync('schema/operations/web/dashboard.graphql', 'utf8');
const viewerCount = 50;
const requestCount = 500;
const atOnce = 16;

test('500 interleaved requests of 50 viewers show nobody else’s data and are complete', async () => {
  const tokens = await Promise.all(
    Array.from({ length: viewerCount }, (_, index) => stack.shop.token(`user-${index + 1}`)),
  );
  const ownOrders = new Map<string, string>();
  let completeCount = 0;
  let next = 0;

  async function check(answer: GraphqlAnswer, viewerId: string): Promise<void> {
    const { profile, orders } = answer.body.data.dashboard;
    expect(profile.viewer.id).toBe(viewerId);
    for (const order of orders.nodes) {
      expect(ownOrders.get(order.id) ?? viewerId).toBe(viewerId);
      ownOrders.set(order.id, viewerId);
    }
    if (answer.body.errors === undefined) completeCount += 1;
  }

  async function run(): Promise<void> {
    while (next < requestCount) {
      const index = next++ % viewerCount;
      const answer = await stack.askWeb(dashboard, { token: tokens[index] ?? '' });
      await check(answer, `user-${index + 1}`);
    }
  }

  await Promise.all(Array.from({ length: atOnce }, run));
  expect(completeCount / requestCount).toBeGreaterThanOrEqual(0.999);
  // 6 s where nothing else runs; it is about what comes, not about when.
}, 60_000);

test('another viewer’s order looks like one that does not exist', async () => {
  const [own, other] = await Promise.all([stack.shop.token('user-1'), stack.shop.token('user-2')]);
  const { body } = await stack.askWeb('{ orders(first: 1) { nodes { id } } }', { token: own });
  const ask = 'query ($id: ID!) { order(id: $id) { id } }';
  const { id } = body.data.orders.nodes[0];
  const mine = await stack.askWeb(ask, { token: own, variables: { id } });
  const foreign = await stack.askWeb(ask, { token: other, variables: { id } });
  const missing = await stack.askWeb(ask, { token: other, variables: { id: 'order-999999' } });

  expect(mine.body.data.order.id).toBe(id);
  expect(foreign.body).toEqual(missing.body);
  expect(foreign.body.data).toEqual({ order: null });
});
