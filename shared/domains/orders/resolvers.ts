import { isOutcomeUnknown } from '../../downstream/failure.ts';
import { AppError } from '../../errors.ts';
import { askWithCursor, readCursor, readId, readIdempotencyKey, readPageSize } from '../../graphql/arguments.ts';
import { judge } from '../../graphql/judge.ts';
import { isId } from '../../id.ts';
import type { RequestContext } from '../context.ts';
import type { PlaceOrderInput, Resolvers } from '../generated.ts';
import type { OrderRequest } from './model.ts';

const maxLines = 50;
const maxQuantity = 99;

const outcomeUnknown = {
  __typename: 'OutcomeUnknown',
  message: 'The orders service did not confirm; ask again with the same idempotency key.',
} as const;

/** What every client sees of orders. */
export const ordersResolvers = {
  Query: {
    order: async (_root, { id }, context, info) => {
      context.requireViewer();
      const found = await context.loaders.orders.byId.load(readId(id));
      if (found === null) context.noteForeignAccess(`order ${id}`);
      return found && judge(found.order, context, info);
    },
    orders: async (_root, { first, after, status }, context, info) => {
      context.requireViewer();
      const request = {
        statuses: [...new Set(status ?? [])].sort(),
        first: readPageSize(first),
        after: readCursor(after),
      };
      const found = await askWithCursor(request.after, context.loaders.orders.page.load(request));
      return found && judge(found.page, context, info);
    },
  },

  OrderLine: {
    product: (line, _args, context, info) =>
      context.section('catalog', () => context.loaders.catalog.product(line.productId, context, info)),
  },

  OrderConnection: {
    nodes: ({ orders }) => orders,
    pageInfo: ({ endCursor }) => ({ endCursor, hasNextPage: endCursor !== null }),
  },

  Mutation: {
    placeOrder: async (_root, { input, idempotencyKey }, context) => {
      context.requireViewer();
      const key = readIdempotencyKey(idempotencyKey);
      const request = readOrderRequest(input);
      try {
        const outcome = await context.write(
          (scope) => context.shared.clients.orders.place(request, key, scope),
          () => changedBy(context, request.lines),
        );
        return '__typename' in outcome ? { order: null, failure: outcome } : { order: outcome, failure: null };
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        return { order: null, failure: outcomeUnknown };
      }
    },
    cancelOrder: async (_root, { id: orderId, idempotencyKey }, context) => {
      context.requireViewer();
      const key = readIdempotencyKey(idempotencyKey);
      try {
        const outcome = await context.write(
          (scope) => context.shared.clients.orders.cancel(readId(orderId), key, scope),
          (cancelled) => changedBy(context, cancelled !== undefined && 'lines' in cancelled ? cancelled.lines : []),
        );
        if ('__typename' in outcome) {
          if (outcome.__typename === 'OrderNotFound') context.noteForeignAccess(`order ${orderId}`);
          return { order: null, failure: outcome };
        }
        return { order: outcome, failure: null };
      } catch (error) {
        if (!isOutcomeUnknown(error)) throw error;
        return { order: null, failure: outcomeUnknown };
      }
    },
  },
} satisfies Resolvers<RequestContext>;

/** What is kept and may be wrong after an order or its end. Lines that could not be read name no product. */
function changedBy(context: RequestContext, lines: readonly { readonly productId: string }[]) {
  const productIds = lines instanceof Error ? [] : lines.map(({ productId }) => productId).filter(isId);
  const { orders, analytics, notifications } = context.shared.clients;
  return {
    reads: [orders.page.name, orders.byId.name, analytics.spending.name, notifications.unread.name],
    tags: productIds.map((id) => `product:${id}`),
  };
}

function readOrderRequest({ lines, currency }: PlaceOrderInput): OrderRequest {
  if (lines.length < 1 || lines.length > maxLines) {
    throw new AppError('BAD_USER_INPUT', `\`input.lines\` takes from 1 to ${maxLines} lines.`);
  }
  for (const [index, { productId, quantity, unitPrice }] of lines.entries()) {
    readId(productId, `input.lines.${index}.productId`);
    if (quantity < 1 || quantity > maxQuantity) {
      throw new AppError('BAD_USER_INPUT', `\`input.lines.${index}.quantity\` must be from 1 to ${maxQuantity}.`);
    }
    if (unitPrice < 0) {
      throw new AppError('BAD_USER_INPUT', `\`input.lines.${index}.unitPrice\` must not be negative.`);
    }
  }
  return { lines, currency };
}
