import type { CachedRead, Windows } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { readDone } from '../../downstream/done-write.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
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
        return readOrders(answer.body, ids, scope.viewerId);
      },
    },
    async place(request, idempotencyKey, scope) {
      const body = { userId: scope.viewerId, ...request };
      const answer = await downstream.call(ordersEndpoints.place, { body, idempotencyKey }, scope);
      if (answer.status >= 400) return readPlaceOrderFailure(answer);
      return readDone('orders', () => readOrder(answer.body, scope.viewerId));
    },
    async cancel(id, idempotencyKey, scope) {
      const answer = await downstream.call(ordersEndpoints.cancel, { params: { id }, idempotencyKey }, scope);
      if (answer.status < 400) return readDone('orders', () => readOrder(answer.body, scope.viewerId));
      return answer.status === 404
        ? { __typename: 'OrderNotFound', message: 'You have no order of this id.' }
        : readCancelOrderFailure(answer);
    },
  };
}
