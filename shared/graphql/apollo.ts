import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { currentExchange, type Exchange } from './exchange.ts';

/** What Apollo carries as the context: it copies the object, so there is nothing in it but the exchange. */
export interface ApolloContext {
  readonly exchange: Exchange;
}

/** A request by GET needs one of these: a browser sends them across origins only after asking. */
export const preflightHeaders: readonly string[] = [
  'x-apollo-operation-name',
  'apollo-require-preflight',
  'x-graphql-require-preflight',
];

/** What Apollo is told instead of the document's text, which it would only hash. */
export const documentPlaceholder = 'document';

export interface ApolloDeps {
  readonly schema: GraphQLSchema;
  execute(exchange: Exchange): ExecutionResult | Promise<ExecutionResult>;
  format(error: unknown, exchange: Exchange | undefined): GraphQLFormattedError;
  /** Apollo's own complaints. */
  onLog(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
}

/**
 * An Apollo Server that does HTTP, CSRF and content negotiation, and leaves reading and running documents to us: its
 * `gateway` option takes an executor of our own, and the document is handed to it parsed and validated.
 */
export function createApollo(deps: ApolloDeps): ApolloServer<ApolloContext> {
  return new ApolloServer<ApolloContext>({
    gateway: createGateway(deps),
    plugins: [
      useKnownDocument,
      ApolloServerPluginLandingPageDisabled(),
      // Wraps every resolver: half of a dashboard's CPU.
      ApolloServerPluginCacheControlDisabled(),
      // These four would send reports away when an environment variable says so.
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
    ],
    // Apollo's own adds a line break, and with it a copy of the whole answer.
    stringifyResult: (answer) => JSON.stringify(answer),
    formatError: (_formatted, error) => deps.format(error, currentExchange.getStore()),
    documentStore: null,
    persistedQueries: false,
    csrfPrevention: { requestHeaders: [...preflightHeaders] },
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    apollo: {},
    logger: {
      debug: (message) => deps.onLog('debug', String(message)),
      info: (message) => deps.onLog('info', String(message)),
      warn: (message) => deps.onLog('warn', String(message)),
      error: (message) => deps.onLog('error', String(message)),
    },
  });
}

const placeholderDocument: DocumentNode = parse('{ __typename }');

// Apollo parses and validates only where the request has no document yet.
const useKnownDocument: ApolloServerPlugin<ApolloContext> = {
  async requestDidStart() {
    return {
      async didResolveSource(request) {
        const held: { document?: DocumentNode } = request;
        held.document = request.contextValue.exchange.ready?.operation.document ?? placeholderDocument;
      },
    };
  },
};

type Gateway = ApolloServerOptionsWithGateway<ApolloContext>['gateway'];

function createGateway(deps: ApolloDeps): Gateway {
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: deps.schema, coreSupergraphSdl: '' });
      return () => {};
    },
    load: async () => ({
      executor: async (request) => deps.execute(exchangeOf(request.context)),
    }),
    stop: async () => {},
  };
}

function exchangeOf(context: Record<string, unknown>): Exchange {
  return (context as unknown as ApolloContext).exchange;
}
