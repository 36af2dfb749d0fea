import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { readPeerEnvironment } from '../environment.ts';
import { createPeerContext, type PeerContext } from '../graphql/context.ts';
import { dashboardResolvers, homeResolvers } from '../graphql/resolvers.ts';
import { readSdl } from '../graphql/sdl.ts';
import { createServices } from '../services.ts';
import { createItemContext } from './item-context.ts';

const { screen, port, services: urls, flavour } = readPeerEnvironment();
const services = createServices(urls);
const server = new ApolloServer<PeerContext>({
  typeDefs: readSdl(screen),
  resolvers: (screen === 'home' ? homeResolvers : dashboardResolvers) as never,
});

await startStandaloneServer(server, {
  listen: { port, host: '127.0.0.1' },
  context: async ({ req }) =>
    flavour === 'item-by-item'
      ? createItemContext(urls, req.headers.authorization)
      : createPeerContext(services, req.headers.authorization),
});
