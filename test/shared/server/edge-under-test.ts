import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { onTestFinished } from 'vitest';
import { createLogger, type Logger } from '../../../shared/observability/logger.ts';
import { createTokenVerifier } from '../../../shared/security/token.ts';
import type { GraphqlHandler, GraphqlHttpRequest } from '../../../shared/server/graphql-port.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../../shared/server/http.ts';
import { createIdentityProvider, type IdentityProvider } from '../security/identity-provider.ts';
import { createApolloHandler } from './apollo-handler.ts';

export interface EdgeUnderTest {
  readonly url: string;
  readonly port: number;
  readonly server: HttpServer;
  readonly identity: IdentityProvider;
  /** What reached GraphQL. */
  readonly handled: readonly GraphqlHttpRequest[];
  readonly logLines: readonly string[];
}

/** A running edge before a small schema; whatever a test needs different is given as an option. */
export async function openEdge(options: Partial<HttpServerOptions> = {}): Promise<EdgeUnderTest> {
  const logLines: string[] = [];
  const identity = await createIdentityProvider();
  const handled: GraphqlHttpRequest[] = [];
  const graphql = options.graphql ?? (await openGreeter());
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    sdl: 'type Query { hello(name: String): String }',
    logger: collectLogger(logLines),
    verifier: createTokenVerifier({ ...identity.settings, fetchKeys: identity.fetchKeys }),
    ...options,
    graphql: {
      handle(request) {
        handled.push(request);
        return graphql.handle(request);
      },
    },
  });
  const { url, port } = await server.listen();
  onTestFinished(() => server.close('now'));
  return { url, port, server, identity, handled, logLines };
}

/** Says hello, over Apollo Server as the real handler does. */
async function openGreeter(): Promise<GraphqlHandler> {
  const apollo = new ApolloServer({
    typeDefs: 'type Query { hello(name: String): String } type Mutation { greet: String }',
    resolvers: {
      Query: { hello: (_parent: unknown, { name }: { name?: string }) => `Hello ${name ?? 'you'}` },
      Mutation: { greet: () => 'done' },
    },
    csrfPrevention: false,
    plugins: [ApolloServerPluginLandingPageDisabled()],
    includeStacktraceInErrorResponses: false,
  });
  await apollo.start();
  onTestFinished(() => apollo.stop());
  return createApolloHandler(apollo, async () => ({}));
}

export function collectLogger(lines: string[]): Logger {
  return createLogger({ level: 'debug', server: 'test', destination: { write: (line: string) => lines.push(line) } });
}

/** The first error of a body in GraphQL's shape. */
export function firstError(body: string): { message: string; code: string; retryable: boolean; requestId: string } {
  const parsed = JSON.parse(body) as {
    errors: { message: string; extensions: { code: string; retryable: boolean; requestId: string } }[];
    data?: unknown;
  };
  const [error] = parsed.errors;
  if (error === undefined || 'data' in parsed) throw new Error(`not a GraphQL request error: ${body}`);
  return { message: error.message, ...error.extensions };
}
