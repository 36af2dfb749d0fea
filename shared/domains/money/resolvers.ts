import { formatMoney } from '../../money.ts';
import type { RequestContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** An amount, as it is shown. */
export const moneyResolvers = {
  Money: {
    formatted: (money, { locale }, context) => {
      if (locale) return formatMoney(money, locale);
      const preferences = context.preferences();
      // A promise a price would cost more than the formatting; after the first one the preferences are at hand.
      return preferences instanceof Promise
        ? preferences.then((known) => formatMoney(money, known.locale))
        : formatMoney(money, preferences.locale);
    },
  },
} satisfies Resolvers<RequestContext>;
