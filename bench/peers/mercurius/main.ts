import { type FastifyPluginCallback, fastify } from 'fastify';
import { type MercuriusOptions, mercurius } from 'mercurius';
import * as cacheModule from 'mercurius-cache';
import { readPeerEnvironment } from '../environment.ts';
import { createPeerContext, type PeerContext } from '../graphql/context.ts';
import { dashboardResolvers, homeResolvers, type PeerResolvers } from '../graphql/resolvers.ts';
import { readSdl } from '../graphql/sdl.ts';
import { createServices } from '../services.ts';

const environment = readPeerEnvironment();
const services = createServices(environment.services);
const { resolvers, loaders } =
  environment.screen === 'home' ? { resolvers: homeResolvers, loaders: {} } : withLoaders(dashboardResolvers);
const app = fastify();

await app.register(mercurius, {
  schema: readSdl(environment.screen),
  resolvers: resolvers as MercuriusOptions['resolvers'],
  loaders: loaders as MercuriusOptions['loaders'],
  context: (request: { headers: { authorization?: string } }) =>
    createPeerContext(services, request.headers.authorization),
  jit: 1,
} as MercuriusOptions);

if (environment.flavour === 'cache') await addCache();
await app.listen({ port: environment.port, host: '127.0.0.1' });

/** Products through Mercurius's own loaders, as its documentation has it; what they ask for together is one batch. */
function withLoaders(all: PeerResolvers) {
  const { OrderLine: _lines, Recommendation: _recommendations, ...rest } = all;
  const product = (queries: { obj: { productId: string } }[], context: PeerContext) =>
    context.products(queries.map(({ obj }) => obj.productId));
  return { resolvers: rest, loaders: { OrderLine: { product }, Recommendation: { product } } };
}

/** Every section is kept for as long as ours at the longest, under its viewer's own key. */
async function addCache(): Promise<void> {
  const ofViewer = (_self: unknown, _args: unknown, context: unknown) => (context as PeerContext).viewer.id;
  const keep = (ttl: number) => ({ ttl, stale: 0, extendKey: ofViewer });
  const policy =
    environment.screen === 'home'
      ? { Home: { viewer: keep(60), recommendations: keep(120), activeOrders: keep(5) } }
      : {
          Dashboard: {
            profile: keep(60),
            orders: keep(5),
            recommendations: keep(120),
            analytics: keep(600),
          },
        };
  // Its types describe a default export of a module that is not one.
  const { default: mercuriusCache } = cacheModule as unknown as { default: FastifyPluginCallback<{ policy: object }> };
  await app.register(mercuriusCache, { policy });
}
