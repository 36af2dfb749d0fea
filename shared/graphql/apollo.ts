import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequestListener,
  type GraphQLResponse,
  HeaderMap,
} from '@apollo/server';
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
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { currentExchange, type Exchange } from './exchange.ts';
import { RequestRefusal } from './request-refusal.ts';

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
 * An Apollo Server that does HTTP, CSRF and content negotiation, and leaves reading and running documents to us: a plugin hands it the
 * document as parsed and validated, and the answer. `gateway`, the other way in for an executor of one's own, makes an object literal
 * with a getter for each request (decision 21).
 */
export function createApollo(deps: ApolloDeps): ApolloServer<ApolloContext> {
  return new ApolloServer<ApolloContext>({
    schema: deps.schema,
    plugins: [
      answerOurselves(deps),
      ApolloServerPluginLandingPageDisabled(),
      // Wraps every resolver: half of a dashboard's CPU.
      ApolloServerPluginCacheControlDisabled(),
      // These would send reports away when an environment variable says so.
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

function answerOurselves(deps: ApolloDeps): ApolloServerPlugin<ApolloContext> {
  const listener: GraphQLRequestListener<ApolloContext> = {
    // Apollo parses and validates only where the request has no document yet.
    async didResolveSource(request) {
      const held: { document?: DocumentNode } = request;
      held.document = request.contextValue.exchange.ready?.operation.document ?? placeholderDocument;
    },
    async responseForOperation({ contextValue: { exchange } }) {
      try {
        const { errors, ...result } = await deps.execute(exchange);
        if (errors === undefined) return responseOf(result);
        const singleResult = { ...result, errors: errors.map((error) => deps.format(error, exchange)) };
        return responseOf(singleResult, headOf(errors));
      } catch (error) {
        return responseOf({ errors: [deps.format(error, exchange)] }, { status: 500, headers: new HeaderMap() });
      }
    },
  };
  return { requestDidStart: async () => listener };
}

type Head = GraphQLResponse['http'];

function responseOf(
  singleResult: FormattedExecutionResult,
  http: Head = { headers: new HeaderMap() },
): GraphQLResponse {
  return { http, body: { kind: 'single', singleResult } };
}

/** As the refusal among the errors asks for it; those of one request do not differ. */
function headOf(errors: readonly GraphQLError[]): Head {
  const refusal = errors.find((error) => error instanceof RequestRefusal);
  if (refusal === undefined) return { headers: new HeaderMap() };
  return { status: refusal.status, headers: new HeaderMap(refusal.headers) };
}
