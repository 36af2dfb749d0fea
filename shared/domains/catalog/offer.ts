import type { GraphQLResolveInfo } from 'graphql';
import { judge } from '../../graphql/judge.ts';
import type { RequestContext } from '../context.ts';
import type { Offer, ProductModel } from './model.ts';

/**
 * A product's price and stock. They are kept for minutes where the product is kept for a day: while the catalog hangs the
 * product is there, and what it costs is waited for as the product would be, in a section as a section is.
 */
export function offerOf(
  { offer, isInSection }: ProductModel,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Offer | Promise<Offer> {
  const judged = judge(offer, context, info);
  return judged instanceof Promise && isInSection ? context.section('catalog', () => judged) : judged;
}
