import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ instances: 2 });
});
afterEach(() => stack.mend());
afterAll(() => stack.close());

it.each([
  ['the phone', 'askMobile', '{ home { activeOrders(first: 1) { status } viewer { name } } }'],
  ['the dashboard', 'askWeb', '{ dashboard { orders(first: 1) { totalCount } profile { viewer { name } } } }'],
] as const)('a section of %s is had from the other instance where one of two hangs', async (client, ask, query) => {
  await stack.fault('orders', { instance: 'orders-1', hang: true });
  // Nothing is kept for any of these viewers.
  const tokens = await Promise.all(
    Array.from({ length: 6 }, (_, i) => stack.shop.token(`user-${i + (client === 'the phone' ? 20 : 40)}`)),
  );

  const answers = await Promise.all(tokens.map((token) => stack[ask](query, { token })));

  expect(answers.flatMap(({ body }) => body.errors ?? [])).toEqual([]);
});
