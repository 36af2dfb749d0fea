import type { Config } from '../../shared/config/config.ts';
import { sharedResolvers } from '../../shared/domains/resolvers.ts';
import { type CompleteResolvers, mergeResolvers } from '../../shared/graphql/resolver-map.ts';
import { noParts, type Runtime, type RuntimeOverrides, startRuntime } from '../../shared/server/runtime.ts';
import { WebContext } from './context.ts';
import type { Resolvers, ResolversParentTypes } from './generated.ts';
import { webProfile } from './profile.ts';
import { catalogResolvers } from './resolvers/catalog.ts';
import { dashboardResolvers } from './resolvers/dashboard.ts';
import { ordersResolvers } from './resolvers/orders.ts';
import { usersResolvers } from './resolvers/users.ts';

const resolvers = mergeResolvers(
  sharedResolvers,
  dashboardResolvers,
  catalogResolvers,
  usersResolvers,
  ordersResolvers,
) satisfies CompleteResolvers<ResolversParentTypes, Resolvers<WebContext>>;

/** Starts the dashboard's server. */
export function startWebServer(config: Config, overrides: RuntimeOverrides = {}): Promise<Runtime> {
  return startRuntime({
    config,
    profile: webProfile,
    resolvers,
    openParts: async () => noParts,
    createContext: (shared, request) => new WebContext(shared, request),
    ...overrides,
  });
}
