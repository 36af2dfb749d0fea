import type { CachedRead, Windows } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
import { failureError } from '../../downstream/failure.ts';
import { readCancelOrderFailure, readPlaceOrderFailure } from './failures.ts';
import type {
  CancelOrderFailureModel,
  OrderModel,
  OrderPage,
  OrderPageRequest,
  OrderRequest,
  PlaceOrderFailureModel,
} from './model.ts';
import { readOrder, readOrderPage, readOrders, toWireStatus } from './wire.ts';

export const ordersEndpoints = {
  page: {
    service: 'orders',
    method: 'GET',
    route: '/orders',
    identity: 'viewer',
    query: ['userId', 'status', 'limit', 'cursor'],
  },
  byIds: { service: 'orders', method: 'GET', route: '/orders/batch', identity: 'viewer', query: ['ids'] },
  place: { service: 'orders', method: 'POST', route: '/orders', identity: 'viewer', answers: [409, 422] },
  cancel: {
    service: 'orders',
    method: 'POST',
    route: '/orders/{id}/cancellation',
    identity: 'viewer',
    answers: [404, 409, 422],
  },
} as const satisfies Record<string, Endpoint>;

const windows: Windows = { freshForMs: 5_000, revalidateForMs: 0, keepForMs: 600_000 };

/** The orders service's reads and writes; all of them about the viewer's own orders. */
export interface OrdersClient {
  readonly page: CachedRead<OrderPageRequest, { readonly page: OrderPage }, CallScope>;
  readonly byId: CachedRead<string, { readonly order: OrderModel }, CallScope>;
  /** Happens at most once a key. */
  place(request: OrderRequest, idempotencyKey: string, scope: CallScope): Promise<OrderModel | PlaceOrderFailureModel>;
  /** Happens at most once a key. */
  cancel(id: string, idempotencyKey: string, scope: CallScope): Promise<OrderModel | CancelOrderFailureModel>;
}

/** Declares every call that this layer makes to the orders service. */
export function createOrdersClient(downstream: Downstream): OrdersClient {
  return {
    page: {
      name: 'orders.page',
      service: 'orders',
      audience: 'viewer',
      maxBatch: 1,
      parts: { page: { version: 1, windows } },
      keyOf: (request) => [request.statuses.join(','), String(request.first), request.after ?? ''],
      async fetch([request], scope) {
        if (request === undefined || scope.viewerId === null) return new Map();
        const query = {
          userId: scope.viewerId,
          status: request.statuses.length > 0 ? request.statuses.map(toWireStatus) : undefined,
          limit: request.first,
          cursor: request.after,
        };
        const answer = await downstream.call(ordersEndpoints.page, { query }, scope);
        return new Map([[request, { page: readOrderPage(answer.body, scope.viewerId) }]]);
      },
    },
    byId: {
      name: 'orders.byId',
      service: 'orders',
      audience: 'viewer',
      maxBatch: 100,
      parts: { order: { version: 1, windows } },
      keyOf: (id) => [id],
      async fetch(ids, scope) {
        if (scope.viewerId === null) return new Map();
        const answer = await downstream.call(ordersEndpoints.byIds, { query: { ids }, keyCount: ids.length }, scope);
        return new Map(readOrders(answer.body, scope.viewerId).map((order) => [order.id, { order }]));
      },
    },
    async place(request, idempotencyKey, scope) {
      const body = { userId: scope.viewerId, ...request };
      const answer = await downstream.call(ordersEndpoints.place, { body, idempotencyKey }, scope);
      return answer.status < 400 ? readDoneOrder(answer.body, scope.viewerId) : readPlaceOrderFailure(answer.body);
    },
    async cancel(id, idempotencyKey, scope) {
      const answer = await downstream.call(ordersEndpoints.cancel, { params: { id }, idempotencyKey }, scope);
      if (answer.status < 400) return readDoneOrder(answer.body, scope.viewerId);
      return answer.status === 404
        ? { __typename: 'OrderNotFound', message: 'You have no order of this id.' }
        : readCancelOrderFailure(answer.body);
    },
  };
}

/** The order that a write has led to. A 2xx without one has very likely been done: told as a failure, it would invite a second order. */
function readDoneOrder(body: unknown, viewerId: string | null): OrderModel {
  try {
    return readOrder(body, viewerId);
  } catch (cause) {
    throw failureError('unreadable', { service: 'orders', cause, isOutcomeUnknown: true });
  }
}
