import { whenReady } from '../../graphql/when-ready.ts';
import { formatMoney } from '../../money.ts';
import type { RequestContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** An amount, as it is shown. */
export const moneyResolvers = {
  Money: {
    formatted: (money, { locale }, context) =>
      locale
        ? formatMoney(money, locale)
        : whenReady(context.preferences(), (preferences) => formatMoney(money, preferences.locale)),
  },
} satisfies Resolvers<RequestContext>;
