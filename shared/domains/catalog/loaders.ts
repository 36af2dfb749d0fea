import type { GraphQLResolveInfo } from 'graphql';
import type { ReadThrough } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import { type Asking, createReadLoader } from '../../graphql/batching.ts';
import type { EngineContext } from '../../graphql/engine-context.ts';
import { judge, type Shown } from '../../graphql/judge.ts';
import { whenReady } from '../../graphql/when-ready.ts';
import type { CatalogClient } from './client.ts';
import type { CategoryModel, ProductModel } from './model.ts';

/** One request's batched reads of the catalog. */
export function createCatalogLoaders(client: CatalogClient, reads: ReadThrough<CallScope>, asking: Asking<CallScope>) {
  const products = createReadLoader(
    (ids, scope) => reads.many(client.products, ids, scope),
    client.products.keyOf,
    asking,
  );
  const categories = createReadLoader(
    (keys, scope) => reads.many(client.categories, keys, scope),
    client.categories.keyOf,
    asking,
  );

  return {
    search: createReadLoader(
      (requests, scope) => reads.many(client.search, requests, scope),
      client.search.keyOf,
      asking,
    ),
    categories,
    /** A product with the price and stock that go with it; null where the shop does not have it. Rejects with an id that could not be read. */
    product(id: string | Error, context: EngineContext, shown: Shown): Promise<ProductModel | null> {
      if (id instanceof Error) return Promise.reject(id);
      const isInSection = asking.isForSection();
      return products.load(id).then((found) => {
        if (found === null) return null;
        const { offer } = found;
        return whenReady(judge(found.details, context, shown), (details) => ({ ...details, offer, isInSection }));
      });
    },
    /** A category out of the shop's whole list: there are few, and the list is asked for once a request. */
    async category(
      id: string | Error,
      context: EngineContext,
      info: GraphQLResolveInfo,
    ): Promise<CategoryModel | null> {
      if (id instanceof Error) throw id;
      const found = await categories.load('all');
      if (found === null) return null;
      const list = await judge(found.list, context, info);
      const category = list.find((each) => each.id === id);
      if (category !== undefined) return category;
      // It may be the one that could not be read.
      const unread = list.find((each) => each instanceof Error);
      if (unread instanceof Error) throw unread;
      return null;
    },
  };
}
