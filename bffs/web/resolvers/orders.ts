import type { WebContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** What a dashboard sees of an order beside what every client does. */
export const ordersResolvers = {
  OrderLine: {
    total: ({ unitPrice, quantity }) => {
      if (unitPrice instanceof Error) throw unitPrice;
      return { amount: unitPrice.amount * quantity, currency: unitPrice.currency };
    },
  },
} satisfies Resolvers<WebContext>;
