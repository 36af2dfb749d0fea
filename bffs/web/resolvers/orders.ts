import { unreadable } from '../../../shared/wire-reader.ts';
import type { WebContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** What a dashboard sees of an order beside what every client does. */
export const ordersResolvers = {
  OrderLine: {
    total: ({ unitPrice, quantity }) =>
      unreadable(unitPrice, quantity) ?? { amount: unitPrice.amount * quantity, currency: unitPrice.currency },
  },
} satisfies Resolvers<WebContext>;
