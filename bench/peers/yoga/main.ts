import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { readPeerEnvironment } from '../environment.ts';
import { createPeerContext } from '../graphql/context.ts';
import { dashboardResolvers, homeResolvers } from '../graphql/resolvers.ts';
import { readSdl } from '../graphql/sdl.ts';
import { createServices } from '../services.ts';

const { screen, port, services: urls } = readPeerEnvironment();
const services = createServices(urls);

const yoga = createYoga({
  schema: createSchema({
    typeDefs: readSdl(screen),
    resolvers: (screen === 'home' ? homeResolvers : dashboardResolvers) as never,
  }),
  context: ({ request }) => createPeerContext(services, request.headers.get('authorization') ?? undefined),
  logging: false,
});

createServer((request, response) => void yoga(request, response)).listen(port, '127.0.0.1');
