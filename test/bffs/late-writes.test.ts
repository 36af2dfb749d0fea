import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.close());

const rename = 'mutation ($name: String!) { updateProfile(input: { name: $name }) { failure { __typename } } }';

async function nameSeenBy(token: string, ask: Stack['askMobile']): Promise<string> {
  return (await ask('{ viewer { name } }', { token })).body.data.viewer.name;
}

it.each([
  ['whose deadline was over', { 'x-request-timeout-ms': '300' }],
  ['that was not answered in time', {}],
])('a write %s and that was made all the same is seen by whoever has read in between', async (how, headers) => {
  const viewerId = how.startsWith('whose') ? 'user-1' : 'user-2';
  const token = await stack.shop.token(viewerId);
  const before = await nameSeenBy(token, stack.askMobile);
  // The phone waits 1.5 s at most.
  onTestFinished(() => stack.mend());
  await stack.fault('users', { delayMs: 3500, route: 'PATCH /users/{id}' });
  const variables = { name: `Late ${viewerId}` };
  const { body } = await stack.askMobile(rename, { token, variables, headers });
  expect(body.data.updateProfile.failure.__typename).toBe('OutcomeUnknown');
  expect(await nameSeenBy(token, stack.askMobile)).toBe(before);
  await expect.poll(() => nameSeenBy(token, stack.askMobile), { timeout: 10_000 }).toBe(variables.name);
});

it('a write that was never sent takes nothing away that is kept', async () => {
  const token = await stack.shop.token('user-3');
  const search = await stack.askMobile('{ search(first: 1) { nodes { id } } }');
  const { id } = search.body.data.search.nodes[0];
  const read = async () => (await stack.askMobile(`{ product(id: "${id}") { name } }`)).body.data.product;
  const kept = await read();
  const switchOrders = (mode: string) =>
    fetch(`${stack.mobileAdminUrl}/services/orders`, { method: 'PUT', body: JSON.stringify({ mode }) });
  await switchOrders('off');
  await stack.fault('catalog', { status: 503 });
  const input = { currency: 'EUR', lines: [{ productId: id, quantity: 1, unitPrice: 1 }] };
  const order =
    'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input, idempotencyKey: "k-1") { order { id } } }';
  const { body } = await stack.askMobile(order, { token, variables: { input } });
  expect(body.errors).toMatchObject([{ extensions: { service: 'orders' } }]);
  expect(await read()).toEqual(kept);
  await stack.mend();
  await switchOrders('normal');
});
