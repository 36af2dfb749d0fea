import { AppError } from '../../../shared/errors.ts';
import { unreadable } from '../../../shared/wire-reader.ts';
import type { WebContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** What a dashboard sees of an order beside what every client does. */
export const ordersResolvers = {
  OrderLine: {
    total: ({ unitPrice, quantity }) =>
      unreadable(unitPrice, quantity) ?? {
        amount: readAmount(unitPrice.amount * quantity),
        currency: unitPrice.currency,
      },
  },
} satisfies Resolvers<WebContext>;

/** @throws AppError `DOWNSTREAM_BAD_RESPONSE` for more than GraphQL's Int can say. */
function readAmount(amount: number): number {
  if (amount === (amount | 0)) return amount;
  throw new AppError('DOWNSTREAM_BAD_RESPONSE', 'This line costs more than an amount can say.', { service: 'orders' });
}
