import { requireSelf, viewerIdOf } from '../caller.ts';
import type { Parameter } from '../operation.ts';
import { notFound, Problem } from '../problem.ts';
import { ref } from '../schema.ts';
import type { Route, ServiceRequest } from '../service.ts';
import { idParameter } from '../wire.ts';
import type { CatalogClient } from './catalog-client.ts';
import type { NewOrder, Order, OrderStore } from './store.ts';

const longestMs = 5_000;
const releaseWaitMs = 1_000;

const timeoutParameter: Parameter = {
  name: 'x-request-timeout-ms',
  in: 'header',
  description: `How long the caller waits; at most ${longestMs} ms are taken.`,
  schema: { type: 'integer', minimum: 1 },
};

/** What the caller has left; text, 0 and negative numbers are ignored. */
function timeoutOf(request: ServiceRequest): number {
  const raw = request.header('x-request-timeout-ms') ?? '';
  const asked = /^\d{1,9}$/.test(raw) ? Number(raw) : 0;
  return asked > 0 ? Math.min(asked, longestMs) : longestMs;
}

function refuseCancellation(order: Order): void {
  if (order.status === 'cancelled')
    throw new Problem(409, 'already-cancelled', { detail: 'This order is cancelled already.' });
  if (order.status === 'shipped' || order.status === 'delivered') {
    throw new Problem(409, 'already-shipped', { detail: 'This order has left the house; send it back instead.' });
  }
}

/** Placing and cancelling, with the stock held and given back at the catalog. */
export function createWriteRoutes(store: OrderStore, catalog: CatalogClient): Route[] {
  return [
    {
      operation: {
        method: 'POST',
        path: '/orders',
        operationId: 'placeOrder',
        summary: 'Buys these lines at these prices; once it has arrived it happens, whether or not the caller waits.',
        access: 'viewer',
        parameters: [timeoutParameter],
        body: ref('NewOrder'),
        idempotency: 'required',
        answers: {
          201: { description: 'Placed; its status is pending.', schema: ref('Order') },
          400: { description: 'No Idempotency-Key, or no JSON.' },
          409: { description: 'out-of-stock {productId, available}; price-changed {productId, currentPrice}.' },
          422: { description: 'product-unavailable {productId}; validation; idempotency-key-reused.' },
          503: {
            description: 'The catalog is unavailable; nothing was ordered.',
            headers: { 'Retry-After': 'In seconds.' },
          },
          504: { description: 'The catalog did not answer in time; nothing was ordered.' },
        },
      },
      async handle(request) {
        // The dispatcher has checked the body against NewOrder.
        const { userId, currency, lines } = request.body as Omit<NewOrder, 'id'>;
        requireSelf(request, userId);
        const id = store.nextId();
        const reserved = await catalog.reserve({ orderId: id, currency, lines }, timeoutOf(request));
        return { status: 201, body: store.add({ id, userId, currency, lines: reserved }) };
      },
    },
    {
      operation: {
        method: 'POST',
        path: '/orders/{id}/cancellation',
        operationId: 'cancelOrder',
        summary: 'Cancels an order that is not shipped yet.',
        access: 'viewer',
        parameters: [idParameter(), timeoutParameter],
        idempotency: 'required',
        answers: {
          200: { description: 'The order as it is now.', schema: ref('Order') },
          400: { description: 'No Idempotency-Key.' },
          404: { description: 'No such order.' },
          409: { description: 'already-shipped; already-cancelled.' },
        },
      },
      async handle(request) {
        const userId = viewerIdOf(request);
        const id = request.path['id'] ?? '';
        const [order] = store.findOwn(userId, [id]);
        if (!order) throw notFound('order');
        refuseCancellation(order);
        store.setStatus(id, 'cancelled');
        await catalog.release(id, Math.min(timeoutOf(request), releaseWaitMs));
        return { status: 200, body: store.findOwn(userId, [id])[0] };
      },
    },
  ];
}
