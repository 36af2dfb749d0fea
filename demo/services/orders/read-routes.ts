import { requireSelf, viewerIdOf } from '../caller.ts';
import { cursorParameter, limitParameter, pageOf } from '../paging.ts';
import { notFound } from '../problem.ts';
import { ref } from '../schema.ts';
import type { Route } from '../service.ts';
import { idParameter, idSchema, idsParameter, userIdParameter } from '../wire.ts';
import { orderStatuses } from './schemas.ts';
import type { OrderStore } from './store.ts';

/** A viewer's own orders. */
export function createReadRoutes(store: OrderStore): Route[] {
  return [
    {
      operation: {
        method: 'GET',
        path: '/orders',
        operationId: 'getOrders',
        summary: 'A viewer’s orders, newest first.',
        access: 'viewer',
        parameters: [
          userIdParameter,
          {
            name: 'status',
            in: 'query',
            description: 'Any of these; all where it is not given.',
            schema: { type: 'array', items: { type: 'string', enum: orderStatuses }, maxItems: orderStatuses.length },
          },
          limitParameter,
          cursorParameter,
        ],
        answers: { 200: { description: 'A page.', schema: pageOf(ref('Order'), { userId: idSchema }) } },
      },
      handle({ caller, query }) {
        const userId = query.text('userId') ?? '';
        requireSelf({ caller }, userId);
        const page = store.list(userId, {
          statuses: query.list('status'),
          limit: query.integer('limit') ?? 20,
          cursor: query.text('cursor'),
        });
        return { status: 200, body: { userId, ...page } };
      },
    },
    {
      operation: {
        method: 'GET',
        path: '/orders/batch',
        operationId: 'getOrderBatch',
        summary: 'The viewer’s orders of these ids; others are left out.',
        access: 'viewer',
        parameters: [idsParameter],
        isConditional: true,
        answers: {
          200: { description: 'Those found, in the order asked.', schema: ref('OrderList') },
          413: { description: 'More than 100 ids (too-many-ids).' },
        },
      },
      handle(request) {
        const userId = viewerIdOf(request);
        return { status: 200, body: { userId, items: store.findOwn(userId, request.query.list('ids')) } };
      },
    },
    {
      operation: {
        method: 'GET',
        path: '/orders/{id}',
        operationId: 'getOrder',
        summary: 'One of the viewer’s orders; another’s is answered as one that does not exist.',
        access: 'viewer',
        parameters: [idParameter()],
        isConditional: true,
        answers: { 200: { description: 'The order.', schema: ref('Order') }, 404: { description: 'No such order.' } },
      },
      handle(request) {
        const [order] = store.findOwn(viewerIdOf(request), [request.path['id'] ?? '']);
        if (!order) throw notFound('order');
        return { status: 200, body: order };
      },
    },
  ];
}
