import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack();
  token = await stack.shop.token('user-3');
});

afterAll(() => stack.close());

const placeOrder = /* GraphQL */ `
  mutation ($input: PlaceOrderInput!, $key: ID!) {
    placeOrder(input: $input, idempotencyKey: $key) {
      order {
        id
        status
        total {
          amount
          currency
        }
      }
      failure {
        __typename
        ... on Failure {
          message
        }
        ... on OutOfStock {
          productId
          available
        }
        ... on PriceChanged {
          productId
          currentPrice {
            amount
          }
        }
      }
    }
  }
`;

async function findProduct(): Promise<{ id: string; price: { amount: number } }> {
  const query = '{ search(filter: { inStock: true }, first: 1) { nodes { id price(currency: EUR) { amount } } } }';
  const { body } = await stack.askMobile(query, { token });
  return body.data.search.nodes[0];
}

test('an order comes back pending, and the same key again gives the same order', async () => {
  const { id, price } = await findProduct();
  const input = { currency: 'EUR', lines: [{ productId: id, quantity: 1, unitPrice: price.amount }] };
  const variables = { input, key: randomUUID() };
  const first = await stack.askMobile(placeOrder, { token, variables });
  const second = await stack.askMobile(placeOrder, { token, variables });

  expect(first.body.errors).toBeUndefined();
  expect(first.body.data.placeOrder).toMatchObject({ order: { status: 'PENDING' }, failure: null });
  expect(second.body.data.placeOrder.order.id).toBe(first.body.data.placeOrder.order.id);
});

test('the viewer reads a just placed order back on both servers', async () => {
  const newest = '{ orders(first: 1) { nodes { id } totalCount } }';
  await stack.askWeb(newest, { token });
  const { id, price } = await findProduct();
  const input = { currency: 'EUR', lines: [{ productId: id, quantity: 1, unitPrice: price.amount }] };
  const placed = await stack.askWeb(placeOrder, { token, variables: { input, key: randomUUID() } });
  const { body } = await stack.askWeb(newest, { token });

  expect(body.data.orders.nodes[0].id).toBe(placed.body.data.placeOrder.order.id);
});

test('a price that no longer holds is an expected failure with the price that does', async () => {
  const { id, price } = await findProduct();
  const input = { currency: 'EUR', lines: [{ productId: id, quantity: 1, unitPrice: price.amount - 1 }] };
  const { body } = await stack.askMobile(placeOrder, { token, variables: { input, key: randomUUID() } });

  expect(body.errors).toBeUndefined();
  expect(body.data.placeOrder).toMatchObject({
    order: null,
    failure: { __typename: 'PriceChanged', productId: id, currentPrice: { amount: price.amount } },
  });
});

test('more than there is in stock is an expected failure', async () => {
  const { body: found } = await stack.askWeb(
    '{ search(filter: { inStock: true }, first: 50) { nodes { id stock price(currency: EUR) { amount } } } }',
    { token },
  );
  const scarce = found.data.search.nodes.find((product: { stock: number }) => product.stock < 99);
  const input = {
    currency: 'EUR',
    lines: [{ productId: scarce.id, quantity: scarce.stock + 1, unitPrice: scarce.price.amount }],
  };
  const { body } = await stack.askMobile(placeOrder, { token, variables: { input, key: randomUUID() } });

  expect(body.data.placeOrder).toMatchObject({
    order: null,
    failure: { __typename: 'OutOfStock', available: scarce.stock },
  });
});

test('the same key with another order is refused as reused', async () => {
  const { id, price } = await findProduct();
  const key = randomUUID();
  const line = { productId: id, quantity: 1, unitPrice: price.amount };
  await stack.askMobile(placeOrder, { token, variables: { input: { currency: 'EUR', lines: [line] }, key } });
  const { body } = await stack.askMobile(placeOrder, {
    token,
    variables: { input: { currency: 'EUR', lines: [{ ...line, quantity: 2 }] }, key },
  });

  expect(body.data.placeOrder).toMatchObject({ order: null, failure: { __typename: 'IdempotencyKeyReused' } });
});

test('a pending order can be cancelled once, a delivered one cannot', async () => {
  const { id, price } = await findProduct();
  const input = { currency: 'EUR', lines: [{ productId: id, quantity: 1, unitPrice: price.amount }] };
  const placed = await stack.askMobile(placeOrder, { token, variables: { input, key: randomUUID() } });
  const cancel =
    'mutation ($id: ID!, $key: ID!) { cancelOrder(id: $id, idempotencyKey: $key) { order { status } failure { __typename } } }';
  const variables = { id: placed.body.data.placeOrder.order.id, key: randomUUID() };
  const cancelled = await stack.askMobile(cancel, { token, variables });
  const again = await stack.askMobile(cancel, { token, variables: { ...variables, key: randomUUID() } });
  const { body } = await stack.askMobile('{ orders(first: 1, status: [DELIVERED]) { nodes { id } } }', { token });
  const delivered = await stack.askMobile(cancel, {
    token,
    variables: { id: body.data.orders.nodes[0].id, key: randomUUID() },
  });
  const foreign = await stack.askMobile(cancel, {
    token: await stack.shop.token('user-4'),
    variables: { ...variables, key: randomUUID() },
  });

  expect(cancelled.body.data.cancelOrder).toEqual({ order: { status: 'CANCELLED' }, failure: null });
  expect(again.body.data.cancelOrder.failure.__typename).toBe('AlreadyCancelled');
  expect(delivered.body.data.cancelOrder.failure.__typename).toBe('AlreadyShipped');
  expect(foreign.body.data.cancelOrder.failure.__typename).toBe('OrderNotFound');
});

test('a changed profile is read back, and decides how prices are shown', async () => {
  const update =
    'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { viewer { name locale } failure { __typename ... on InvalidInput { field } } } }';
  const own = await stack.shop.token('user-5');
  await stack.askMobile('{ viewer { name } }', { token: own });
  const changed = await stack.askMobile(update, {
    token: own,
    variables: { input: { name: 'Nora', locale: 'sv-SE' } },
  });
  const { id } = await findProduct();
  const { body } = await stack.askMobile(
    'query ($id: ID!) { viewer { name locale } product(id: $id) { price(currency: SEK) { formatted } } }',
    { token: own, variables: { id } },
  );
  const refused = await stack.askMobile(update, { token: own, variables: { input: { name: '' } } });

  expect(changed.body.data.updateProfile).toEqual({ viewer: { name: 'Nora', locale: 'sv-SE' }, failure: null });
  expect(body.data.viewer).toEqual({ name: 'Nora', locale: 'sv-SE' });
  expect(body.data.product.price.formatted).toMatch(/\skr$/);
  expect(refused.body.data.updateProfile).toEqual({
    viewer: null,
    failure: { __typename: 'InvalidInput', field: 'name' },
  });
});

test('notifications are marked as read once and for all, and unknown ids are named', async () => {
  const own = await stack.shop.token('user-2');
  const unread = '{ dashboard { notifications(first: 2) { unreadCount nodes { id } } } }';
  const { body: before } = await stack.askWeb(unread, { token: own });
  const { unreadCount, nodes } = before.data.dashboard.notifications;
  const mark =
    'mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids) { readIds unreadCount failure { __typename ... on NotificationsNotFound { ids } } } }';
  const { body } = await stack.askWeb(mark, { token: own, variables: { ids: [nodes[0].id, 'no-such-notification'] } });
  const { body: after } = await stack.askWeb(unread, { token: own });

  expect(body.data.markNotificationsRead).toEqual({
    readIds: [nodes[0].id],
    unreadCount: unreadCount - 1,
    failure: { __typename: 'NotificationsNotFound', ids: ['no-such-notification'] },
  });
  expect(after.data.dashboard.notifications.unreadCount).toBe(unreadCount - 1);
});

test('tracked activities are taken at once and arrive later in one batch', async () => {
  await stack.forgetCalls();
  const track =
    'mutation ($activities: [ActivityInput!]!) { trackActivity(activities: $activities) { accepted failure { __typename } } }';
  const activities = [{ type: 'PRODUCT_VIEWED', subjectId: 'p-1' }, { type: 'SEARCHED' }];
  await stack.fault('analytics', { delayMs: 300 });
  const { body } = await stack.askMobile(track, { token, variables: { activities } });
  const atOnce = await stack.calls();
  await stack.mend();
  await expect
    .poll(async () => (await stack.calls()).services['analytics']?.routes['POST /events'], { timeout: 5000 })
    .toBe(1);

  expect(body.data.trackActivity).toEqual({ accepted: 2, failure: null });
  expect(atOnce.services['analytics']?.routes['POST /events'] ?? 0).toBe(0);
});

test('a quote gives the price and stock that hold now', async () => {
  const { id, price } = await findProduct();
  const quote =
    'query ($lines: [CheckoutLineInput!]!) { checkoutQuote(lines: $lines) { isOrderable total { amount } lines { productId available unitPrice { amount } } } }';
  const { body } = await stack.askMobile(quote, {
    variables: {
      lines: [
        { productId: id, quantity: 2 },
        { productId: 'no-such-product', quantity: 1 },
      ],
    },
  });

  expect(body.errors).toBeUndefined();
  expect(body.data.checkoutQuote.isOrderable).toBe(false);
  expect(body.data.checkoutQuote.total).toEqual({ amount: price.amount * 2 });
  expect(body.data.checkoutQuote.lines[1]).toEqual({ productId: 'no-such-product', available: 0, unitPrice: null });
});

test('a quote is in the currency asked for, as the order will be, whatever the viewer’s own', async () => {
  const { id } = await findProduct();
  const quote =
    'query ($lines: [CheckoutLineInput!]!) { own: checkoutQuote(lines: $lines) { total { currency } } asked: checkoutQuote(lines: $lines, currency: SEK) { total { amount currency } } }';
  const variables = { lines: [{ productId: id, quantity: 1 }] };
  const { body } = await stack.askWeb(quote, { token, variables });
  const { own, asked } = body.data;
  const input = { currency: 'SEK', lines: [{ productId: id, quantity: 1, unitPrice: asked.total.amount }] };
  const placed = await stack.askWeb(placeOrder, { token, variables: { input, key: randomUUID() } });

  expect(own.total.currency).toBe('JPY');
  expect(asked.total.currency).toBe('SEK');
  expect(placed.body.data.placeOrder.failure).toBeNull();
});

test('a quote counts a product once for all of its lines, as the order will', async () => {
  const search = '{ search(filter: { inStock: true }, sort: PRICE_ASC, first: 100) { nodes { id stock } } }';
  const { body: found } = await stack.askWeb(search);
  const scarce = found.data.search.nodes.find(({ stock }: { stock: number }) => stock > 0 && stock < 6);
  const quote =
    'query ($lines: [CheckoutLineInput!]!) { checkoutQuote(lines: $lines) { isOrderable total { amount } lines { available unitPrice { amount } } } }';
  const line = { productId: scarce.id, quantity: scarce.stock };
  const { body } = await stack.askWeb(quote, { variables: { lines: [line, line] } });
  const { isOrderable, total, lines } = body.data.checkoutQuote;

  expect(isOrderable).toBe(false);
  expect(total.amount).toBe(lines[0].unitPrice.amount * scarce.stock);
});

test.each([
  ['a price', { lines: { 0: { unitPrice: { amount: '12' } } } }],
  ['a stock', { lines: { 0: { available: 'many' } } }],
])('a quote with %s that cannot be read is none, and never a sum without it', async (_what, body) => {
  const { id } = await findProduct();
  const quote =
    'query ($lines: [CheckoutLineInput!]!) { checkoutQuote(lines: $lines) { isOrderable total { amount } lines { productId } } }';
  await stack.fault('catalog', { body, route: 'POST /quotes' });
  const variables = { lines: [{ productId: id, quantity: 1 }] };
  const { body: answer } = await stack.askWeb(quote, { variables });
  await stack.mend();

  expect(answer.data.checkoutQuote).toBeNull();
  expect(answer.errors?.map(({ extensions }) => extensions['code'])).toContain('DOWNSTREAM_BAD_RESPONSE');
});

test('the stock in a payload, and after it, is what the write left: of two orders in one document, and of a cancelled one', async () => {
  const { id, price } = await findProduct();
  const stockQuery = `{ product(id: "${id}") { stock } }`;
  const stock = async (): Promise<number> => (await stack.askWeb(stockQuery, { token })).body.data.product.stock;
  await stock();
  const order = (alias: string, quantity: number) => `${alias}: placeOrder(
    input: { currency: EUR, lines: [{ productId: "${id}", quantity: ${quantity}, unitPrice: ${price.amount} }] }
    idempotencyKey: "${randomUUID()}"
  ) { order { id lines { product { stock } } } }`;
  const placed = await stack.askWeb(`mutation { ${order('first', 1)} ${order('second', 2)} }`, { token });
  const { first, second } = placed.body.data;
  const stockIn = (payload: typeof first): number => payload.order.lines[0].product.stock;
  const left = stockIn(first);
  expect([stockIn(second), await stock()]).toEqual([left - 2, left - 2]);

  const cancel = `mutation { cancelOrder(id: "${second.order.id}", idempotencyKey: "${randomUUID()}") {
    order { lines { product { stock } } } } }`;
  const cancelled = await stack.askWeb(cancel, { token });
  expect([stockIn(cancelled.body.data.cancelOrder), await stock()]).toEqual([left, left]);
});
