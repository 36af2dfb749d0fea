import { offerOf } from '../../../shared/domains/catalog/offer.ts';
import { whenReady } from '../../../shared/graphql/when-ready.ts';
import type { WebContext } from '../context.ts';
import type { Resolvers } from '../generated.ts';

/** What a dashboard sees of a product beside what every client does. */
export const catalogResolvers = {
  Product: {
    stock: (product, _args, context, info) => whenReady(offerOf(product, context, info), ({ stock }) => stock),
    image: ({ images }) => {
      if (images instanceof Error) throw images;
      return images[0] ?? null;
    },
  },

  Category: {
    parent: ({ parentId }, _args, context, info) =>
      parentId === null ? null : context.loaders.catalog.category(parentId, context, info),
  },
} satisfies Resolvers<WebContext>;
