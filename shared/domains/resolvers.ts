import { mergeResolvers } from '../graphql/resolver-map.ts';
import { dateTimeScalar, localeScalar } from '../graphql/scalars.ts';
import { analyticsResolvers } from './analytics/resolvers.ts';
import { catalogResolvers } from './catalog/resolvers.ts';
import { moneyResolvers } from './money/resolvers.ts';
import { notificationsResolvers } from './notifications/resolvers.ts';
import { ordersResolvers } from './orders/resolvers.ts';
import { usersResolvers } from './users/resolvers.ts';

/** What all clients share, merged field by field. */
export const sharedResolvers = mergeResolvers(
  { DateTime: dateTimeScalar, Locale: localeScalar },
  moneyResolvers,
  catalogResolvers,
  usersResolvers,
  ordersResolvers,
  notificationsResolvers,
  analyticsResolvers,
);
