import { createRequire } from 'node:module';
import { ApolloServer, type ApolloServerOptions, type BaseContext } from '@apollo/server';
import { createLogger } from '../../../../shared/observability/logger.ts';
import { createTokenVerifier } from '../../../../shared/security/token.ts';
import { createHttpServer, type HttpServerOptions } from '../../../../shared/server/http.ts';
import { createApolloHandler } from '../apollo-handler.ts';
import { alwaysDifferent, differentByOptions, differentByPolicy } from './apollo-differences.ts';
import { defineWithDifferences } from './suite-globals.ts';

type CreateServer = (
  config: ApolloServerOptions<BaseContext>,
  options?: { readonly context?: () => Promise<BaseContext> },
) => Promise<{ server: unknown; url: string; extraCleanup: () => Promise<void> }>;

/** As CommonJS: its ES modules import folders, which Node does not. */
const { defineIntegrationTestSuite } = createRequire(import.meta.url)('@apollo/server-integration-testsuite') as {
  defineIntegrationTestSuite: (createServer: CreateServer, options: { noIncrementalDelivery: boolean }) => void;
};

/** Apollo's own server behind our HTTP route. */
function createServerWith(options: Partial<HttpServerOptions>): CreateServer {
  return async (config, { context } = {}) => {
    const server = new ApolloServer(config);
    await server.start();
    const http = createHttpServer({
      host: '127.0.0.1',
      port: 0,
      sdl: null,
      logger: createLogger({ level: 'silent', server: 'test' }),
      verifier: createTokenVerifier({
        jwksUrl: 'http://identity.invalid/',
        issuer: 'x',
        audience: 'x',
        algorithm: 'ES256',
      }),
      graphqlPath: '/',
      graphql: createApolloHandler(server, context ?? (async () => ({}))),
      ...options,
    });
    const { url } = await http.listen();
    return { server, url, extraCleanup: () => http.close('now') };
  };
}

// graphql 16 has no incremental delivery.
const suiteOptions = { noIncrementalDelivery: true };

defineWithDifferences("Apollo's suite with its own options", { ...alwaysDifferent, ...differentByOptions }, () => {
  defineIntegrationTestSuite(createServerWith({ preflightHeaders: [] }), suiteOptions);
});

defineWithDifferences("Apollo's suite with our policies", { ...alwaysDifferent, ...differentByPolicy }, () => {
  defineIntegrationTestSuite(createServerWith({}), suiteOptions);
});
