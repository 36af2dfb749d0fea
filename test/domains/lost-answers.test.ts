import { expect, onTestFinished, test } from 'vitest';
import { createOrdersClient } from '../../shared/domains/orders/client.ts';
import { createDownstream } from '../../shared/downstream/downstream-client.ts';
import { isOutcomeUnknown } from '../../shared/downstream/failure.ts';
import { createScope, failureOf } from '../shared/downstream/support/calls.ts';
import { startInstance } from '../shared/downstream/support/wire-service.ts';

/** The orders client of a service that answers every write like this. */
async function openOrders(status: number, body: string) {
  const { url } = await startInstance((_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body),
  );
  return openOrdersAt(url);
}

function openOrdersAt(url: string) {
  const downstream = createDownstream({
    services: { orders: { instances: { kind: 'urls', urls: [url] }, policy: { healthCheckIntervalMs: 0 } } },
  });
  onTestFinished(() => downstream.close());
  return createOrdersClient(downstream);
}

const request = { currency: 'EUR', lines: [{ productId: 'product-1', quantity: 1, unitPrice: 100 }] } as const;

test.each([
  [204, ''],
  [202, ''],
  [201, '{}'],
  [200, '[]'],
  [201, '{"id":"order-1","userId":"viewer-2"}'],
])('F90: a %i that holds %j for an order leaves the outcome of the write unknown', async (status, body) => {
  const orders = await openOrders(status, body);
  const placed = await failureOf(orders.place(request, 'key-1', createScope()));
  const cancelled = await failureOf(orders.cancel('order-1', 'key-2', createScope()));
  expect([placed.code, cancelled.code]).toEqual(['DOWNSTREAM_BAD_RESPONSE', 'DOWNSTREAM_BAD_RESPONSE']);
  expect([isOutcomeUnknown(placed), isOutcomeUnknown(cancelled)]).toEqual([true, true]);
});

test('a refusal that cannot be read was no write', async () => {
  const error = await failureOf((await openOrders(409, '{}')).place(request, 'key-1', createScope()));
  expect(isOutcomeUnknown(error)).toBe(false);
});

test.each([
  [409, '{"type":"https://shop.test/problems/request-in-progress"}', true],
  [422, '{}', true],
  [401, '{}', true],
  [409, '{"type":"https://shop.test/problems/idempotency-key-reused"}', false],
])(
  'a repeat that is refused with %i %s after an answer that was lost leaves it unknown: %s',
  async (status, body, isUnknown) => {
    let count = 0;
    const { url } = await startInstance((incoming, response) => {
      count += 1;
      if (count === 1) incoming.socket.resetAndDestroy();
      else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    const outcome = await openOrdersAt(url)
      .place(request, 'key-1', createScope())
      .catch((error: unknown) => error);
    expect([count, isOutcomeUnknown(outcome)]).toEqual([2, isUnknown]);
  },
);
