import { AppError } from '../../errors.ts';
import { askWithCursor, readCursor, readId, readIds, readPageSize } from '../../graphql/arguments.ts';
import { settleItems } from '../../graphql/batching.ts';
import { judge } from '../../graphql/judge.ts';
import { whenReady } from '../../graphql/when-ready.ts';
import type { MoneyModel } from '../../money.ts';
import type { RequestContext } from '../context.ts';
import type { Resolvers, SearchFilter } from '../generated.ts';
import type { CheckoutQuoteLineModel } from './model.ts';
import { offerOf } from './offer.ts';

const maxQuoteLines = 50;
const maxQuantity = 99;
const maxSearchLength = 200;
/** Of GraphQL's Int. */
const maxAmount = 2_147_483_647;

/** What every client sees of the catalog. */
export const catalogResolvers = {
  Query: {
    product: (_root, { id }, context, info) => context.loaders.catalog.product(readId(id), context, info),
    products: (_root, { ids }, context, info) =>
      settleItems(readIds(ids).map((id) => context.loaders.catalog.product(id, context, { itemOf: info }))),
    search: async (_root, { query, filter, sort, first, after }, context, info) => {
      if (query.length > maxSearchLength) {
        throw new AppError('BAD_USER_INPUT', `\`query\` takes at most ${maxSearchLength} characters.`);
      }
      const request = {
        query: query.trim(),
        categoryIds: readIds(filter?.categoryIds ?? [], 'filter.categoryIds'),
        brands: filter?.brands ?? [],
        ...readPriceRange(filter),
        isInStock: filter?.inStock ?? undefined,
        sort,
        first: readPageSize(first),
        after: readCursor(after),
      };
      const found = await askWithCursor(request.after, context.loaders.catalog.search.load(request));
      return found && judge(found.result, context, info);
    },
    categories: async (_root, _args, context, info) => {
      const categories = await context.loaders.catalog.categories.load('all');
      return categories && judge(categories.list, context, info);
    },
    checkoutQuote: async (_root, { lines, currency }, context) => {
      if (lines.length < 1 || lines.length > maxQuoteLines) {
        throw new AppError('BAD_USER_INPUT', `\`lines\` takes from 1 to ${maxQuoteLines} lines.`);
      }
      for (const { productId, quantity } of lines) {
        readId(productId, 'lines.productId');
        if (quantity < 1 || quantity > maxQuantity) {
          throw new AppError('BAD_USER_INPUT', `\`lines.quantity\` must be from 1 to ${maxQuantity}.`);
        }
      }
      const shown = currency ?? (await context.preferences()).currency;
      return context.shared.clients.catalog.quote(lines, shown, context.scope);
    },
  },

  Product: {
    price: (product, { currency }, context, info) =>
      whenReady(offerOf(product, context, info), ({ prices }) => {
        if (prices instanceof Error) throw prices;
        if (currency) return prices.find((price) => price.currency === currency) ?? null;
        return whenReady(
          context.preferences(),
          (preferences) => prices.find((price) => price.currency === preferences.currency) ?? null,
        );
      }),
    availability: (product, _args, context, info) =>
      whenReady(offerOf(product, context, info), ({ availability }) => availability),
    category: ({ categoryId, isInSection }, _args, context, info) => {
      const ask = () => context.loaders.catalog.category(categoryId, context, info);
      return isInSection ? context.section('catalog', ask) : ask();
    },
  },

  ProductConnection: {
    nodes: (found, _args, context, info) =>
      settleItems(found.productIds.map((id) => context.loaders.catalog.product(id, context, { itemOf: info }))),
    pageInfo: ({ endCursor }) => ({ endCursor, hasNextPage: endCursor !== null }),
  },

  CategoryFacet: {
    category: (facet, _args, context, info) => context.loaders.catalog.category(facet.categoryId, context, info),
  },

  CheckoutQuote: {
    total: ({ lines }) => {
      const buyable = findBuyable(lines);
      const amount = buyable.reduce((sum, { unitPrice, quantity }) => sum + unitPrice.amount * quantity, 0);
      if (amount > maxAmount) {
        throw new AppError('BAD_USER_INPUT', 'These lines cost more together than an amount can say.');
      }
      const [first] = buyable;
      return first ? { amount, currency: first.unitPrice.currency } : null;
    },
    isOrderable: ({ lines }) => findBuyable(lines).length === lines.length,
  },
} satisfies Resolvers<RequestContext>;

type BuyableLine = CheckoutQuoteLineModel & { readonly unitPrice: MoneyModel };

/** The lines that can be bought together: a product in several of them is there once for all. */
function findBuyable(lines: readonly CheckoutQuoteLineModel[]): readonly BuyableLine[] {
  const taken = new Map<string, number>();
  return lines.filter((line): line is BuyableLine => {
    const { unitPrice, available } = line;
    // Nothing is summed up past a price or a stock that could not be read.
    for (const read of [unitPrice, available]) if (read instanceof Error) throw read;
    const quantity = (taken.get(line.productId) ?? 0) + line.quantity;
    if (unitPrice === null || quantity > available) return false;
    taken.set(line.productId, quantity);
    return true;
  });
}

function readPriceRange(filter: SearchFilter | null | undefined) {
  const { minPrice, maxPrice, currency } = filter ?? {};
  if ((minPrice ?? 0) < 0 || (maxPrice ?? 0) < 0 || (minPrice ?? 0) > (maxPrice ?? Number.POSITIVE_INFINITY)) {
    throw new AppError('BAD_USER_INPUT', '`filter.minPrice` and `filter.maxPrice` must be a range from 0 up.');
  }
  return { minPrice: minPrice ?? undefined, maxPrice: maxPrice ?? undefined, currency: currency ?? ('EUR' as const) };
}
