import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.close());

const rename = 'updateProfile(input: { name: "Nora" }) { viewer { name } }';

describe('a write', () => {
  const writes = [
    ['updateProfile', rename],
    ['cancelOrder', 'cancelOrder(id: "order-1", idempotencyKey: "a") { failure { __typename } }'],
    ['markNotificationsRead', 'markNotificationsRead(ids: ["a"]) { readIds }'],
    [
      'placeOrder',
      'placeOrder(idempotencyKey: "a", input: { currency: EUR, lines: [{ productId: "product-1", quantity: 1, unitPrice: 1 }] }) { failure { __typename } }',
    ],
  ] as const;

  test.each(writes)(
    '%s is refused to a token that may only read, before any service is called',
    async (name, field) => {
      const token = await stack.shop.token('user-1', { scope: 'shop:read' });
      await stack.forgetCalls();
      for (const ask of [stack.askMobile, stack.askWeb]) {
        const { status, body } = await ask(`mutation { ${field} }`, { token });
        expect([status, body.data, body.errors?.map(({ extensions }) => extensions['code'])]).toEqual([
          200,
          { [name]: null },
          ['FORBIDDEN'],
        ]);
      }
      expect((await stack.calls()).total).toBe(0);
    },
  );
});

describe('what a token with more scopes has read', () => {
  test('is not shown to one of the same viewer that the services would refuse', async () => {
    const query = '{ viewer { name } orders(first: 1) { nodes { id } } }';
    const full = await stack.shop.token('user-9');
    const narrow = await stack.shop.token('user-9', { scope: 'profile' });
    expect((await stack.askMobile(query, { token: full })).body.errors).toBeUndefined();
    const { body } = await stack.askMobile(query, { token: narrow });
    expect(body.data).toEqual({ viewer: null, orders: null });
    expect(body.errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  test('is kept for every token of the same scopes, in whatever order it names them', async () => {
    await stack.askMobile('{ viewer { name } }', { token: await stack.shop.token('user-10') });
    const other = await stack.shop.token('user-10', { scope: 'shop:write shop:read' });
    await stack.forgetCalls();
    expect((await stack.askMobile('{ viewer { name } }', { token: other })).body.errors).toBeUndefined();
    expect((await stack.calls()).total).toBe(0);
  });
});

describe('a sensitive field', () => {
  const renames = (count: number) =>
    `mutation { ${Array.from({ length: count }, (_, index) => `a${index}: ${rename}`).join(' ')} }`;

  test('is counted by calls: six aliases are one too many, and none of them is run', async () => {
    const token = await stack.shop.token('user-6');
    await stack.forgetCalls();
    const { status, headers, body } = await stack.askMobile(renames(6), { token });
    expect([status, body.data, body.errors?.[0]?.extensions]).toEqual([
      429,
      undefined,
      expect.objectContaining({ code: 'RATE_LIMITED', retryable: true, retryAfterSeconds: 60 }),
    ]);
    expect(headers.get('retry-after')).toBe('60');
    expect(headers.get('ratelimit-policy')).toBe('"calls";q=5;w=60');
    expect(headers.get('ratelimit')).toBe('"calls";r=0;t=60');
    expect((await stack.calls()).total).toBe(0);
  });

  test('that is skipped is not counted', async () => {
    const token = await stack.shop.token('user-9');
    const conditional = rename.replace('{ viewer', '@include(if: $asks) { viewer');
    const aliased = Array.from({ length: 5 }, (_, index) => `a${index}: ${conditional}`);
    const document = `mutation ($asks: Boolean!) { ${aliased.join(' ')} }`;
    const off = await stack.askMobile(document, { token, variables: { asks: false } });
    expect([off.status, off.body.data, off.body.errors]).toEqual([200, {}, undefined]);
    expect((await stack.askMobile(renames(5), { token })).status).toBe(200);
    expect((await stack.askMobile(document, { token, variables: { asks: true } })).status).toBe(429);
  });

  test('is served five times a minute, by one request or by several, to each viewer', async () => {
    const token = await stack.shop.token('user-7');
    const statuses: number[] = [];
    for (const count of [3, 1, 1, 1]) statuses.push((await stack.askWeb(renames(count), { token })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await stack.askWeb('{ viewer { name } }', { token })).body.data).toEqual({ viewer: { name: 'Nora' } });
    expect((await stack.askWeb(renames(5), { token: await stack.shop.token('user-8') })).status).toBe(200);
  });
});
