import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let token: string;

beforeAll(async () => {
  // What was fetched is past its freshness at once.
  stack = await startStack({ env: { CACHE_MAX_FRESH_MS: '1' } });
  token = await stack.shop.token('user-1');
});
afterEach(() => stack.mend());
afterAll(() => stack.close());

const sections = '{ dashboard { orders(first: 1) { totalCount } profile { viewer { name } } } }';

it('a service that asks for seven seconds fails its section with that, and not with the section’s time', async () => {
  await stack.fault('orders', { status: 429, retryAfterSeconds: 7 });
  await stack.forgetCalls();

  const { body } = await stack.askWeb(sections, { token });

  expect(body.data.dashboard).toMatchObject({ orders: null, profile: { viewer: { name: expect.any(String) } } });
  expect(body.errors).toMatchObject([
    { path: ['dashboard', 'orders'], extensions: { code: 'DOWNSTREAM_RATE_LIMITED', retryAfterSeconds: 7 } },
  ]);
  expect((await stack.calls()).services['orders']?.total).toBe(1);
});

it('what is kept stands in for it, and says why', async () => {
  await stack.askWeb(sections, { token });
  await stack.fault('orders', { status: 429, retryAfterSeconds: 7 });

  const { body } = await stack.askWeb(sections, { token });

  expect(body.errors).toBeUndefined();
  expect(body.extensions?.['degraded']).toMatchObject([
    { path: ['dashboard', 'orders'], reason: 'DOWNSTREAM_RATE_LIMITED' },
  ]);
});
