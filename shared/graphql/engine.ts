import { HeaderMap } from '@apollo/server';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { systemClock } from '../clock.ts';
import { cacheControlOf } from './answer-headers.ts';
import { createApollo, documentPlaceholder, preflightHeaders } from './apollo.ts';
import { createDocumentLibrary } from './documents/document-library.ts';
import { createDocumentReader } from './documents/document-reader.ts';
import type { EngineContext } from './engine-context.ts';
import type { GraphqlEngineOptions } from './engine-options.ts';
import { currentExchange, type Exchange } from './exchange.ts';
import { createOperationPreparer } from './execution/operation.ts';
import { createErrorFormatter } from './format-error.ts';
import { createKeptAnswers, type KeptAnswer } from './kept-answers.ts';
import { defaultCostLimit, defaultDocumentLimits } from './limits/document-limits.ts';
import { type OperationUsage, usageOf } from './operation-usage.ts';
import { type CreateContext, createOperationAdmission, type EngineRequest } from './request-admission.ts';

export interface EngineAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** JSON; bytes where it was given out before. */
  readonly body: string | Buffer;
  readonly usage: OperationUsage;
}

export interface GraphqlEngine<C extends EngineContext> {
  /** Answers one request; rejects only with what `createContext` throws. */
  handle(request: EngineRequest, createContext: CreateContext<C>): Promise<EngineAnswer>;
  stop(): Promise<void>;
}

/** Starts the GraphQL engine of one server: documents are read once, checked and planned; Apollo Server does the HTTP around them. */
export async function createGraphqlEngine<C extends EngineContext>(
  options: GraphqlEngineOptions,
): Promise<GraphqlEngine<C>> {
  const { schema, clock = systemClock, isDevelopment = false, publicMaxAgeSeconds = 10, slowAfterMs = 1000 } = options;
  const limits = { ...defaultDocumentLimits, ...options.limits };
  const prepare = createOperationPreparer(schema, limits.maxSelections);
  const read = createDocumentReader({ schema, prepare, limits, allowsIntrospection: isDevelopment });
  const admit = createOperationAdmission(
    { schema, library: createDocumentLibrary(read, options.documents) },
    { costLimit: options.costLimit ?? defaultCostLimit, oldestClientVersion: options.oldestClientVersion ?? null },
  );
  const format = createErrorFormatter(options.onMaskedError === undefined ? {} : { onMasked: options.onMaskedError });
  const apollo = createApollo({
    schema,
    execute,
    format(error, exchange) {
      const formatted = format(error, exchange?.requestId ?? '');
      exchange?.errorCodes.add(formatted.code);
      return formatted.error;
    },
    onLog: options.onLog ?? (() => {}),
  });
  // In development an answer reports how it was made.
  const keptAnswers = isDevelopment ? undefined : createKeptAnswers({ clock });
  await apollo.start();

  return {
    async handle(request, createContext) {
      const startedMs = clock.nowMs();
      const exchange: Exchange<C> = { requestId: request.edge.id, errorCodes: new Set(), cost: 0 };
      const { method } = request;
      const admitted = admit(exchange, request);
      const question = admitted && { method, viewer: request.edge.viewer ?? null, ...admitted };
      const kept = question && request.mediaType && keptAnswers?.find(question);
      if (kept) return giveAgain(kept, request, startedMs);
      if (admitted !== undefined) {
        exchange.ready = { ...admitted, context: await createContext(admitted.operation, admitted.variables) };
      }
      const { status = 200, headers, body } = await currentExchange.run(exchange, () => ask(exchange, request));
      if (body.kind !== 'complete') throw new Error('An answer came in parts, which nothing here asks for.');
      if (request.mediaType !== undefined) headers.set('content-type', `${request.mediaType}; charset=utf-8`);
      const cacheControl = cacheControlOf(exchange, { method, status, publicMaxAgeSeconds });
      headers.set('cache-control', cacheControl);
      if (isDevelopment) headers.set('x-operation-cost', String(exchange.cost));
      const usage = usageOf(exchange, clock.nowMs() - startedMs, slowAfterMs);
      options.onOperation?.(usage, exchange.requestId);
      if (question !== undefined) keptAnswers?.keep(question, { cacheControl, body: body.string, usage }, exchange);
      return { status, headers, body: body.string, usage };
    },
    stop: () => apollo.stop(),
  };

  /** Only what the edge has checked comes here: an answer that was given before goes past Apollo's own checks. */
  function giveAgain({ body, cacheControl, usage: before }: KeptAnswer, request: EngineRequest, startedMs: number) {
    const headers = new Map([
      ['content-type', `${request.mediaType}; charset=utf-8`],
      ['cache-control', cacheControl],
    ]);
    const { slowReason: _, ...facts } = before;
    const durationMs = clock.nowMs() - startedMs;
    const usage: OperationUsage = { ...facts, downstreamCalls: 0, points: 0, durationMs, isGivenAgain: true };
    options.onOperation?.(usage, request.edge.id);
    return { status: 200, headers, body, usage };
  }

  function ask(exchange: Exchange<C>, request: EngineRequest) {
    return apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headersForApollo(request),
        search: `query=${documentPlaceholder}`,
        body: { query: documentPlaceholder },
      },
      context: async () => ({ exchange }),
    });
  }

  async function execute({ ready, refusals }: Exchange): Promise<ExecutionResult> {
    if (refusals !== undefined) return { errors: refusals };
    if (ready === undefined) throw new Error('There is neither an operation to run nor a reason why not.');
    const { operation, variables, context } = ready;
    const { data, errors } = await operation.run(context, variables);
    const degraded = context.degraded.toReport();
    const extensions = {
      ...(degraded === undefined ? {} : { degraded }),
      ...(isDevelopment ? { report: context.report.toJSON() } : {}),
    };
    return {
      ...(errors === undefined ? {} : { errors: errors.toSorted(byPath) }),
      data: data ?? null,
      ...(degraded === undefined && !isDevelopment ? {} : { extensions }),
    };
  }
}

// In the order in which the answer has them: two answers with the same errors are the same bytes.
function byPath({ path: a = [] }: GraphQLError, { path: b = [] }: GraphQLError): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const left = a[i];
    const right = b[i];
    if (left === right || left === undefined || right === undefined) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}

const csrfHeaders = ['content-type', ...preflightHeaders];

// Copying all of a request's headers costs more than everything that Apollo does with these few.
function headersForApollo({ headers, mediaType }: EngineRequest): HeaderMap {
  const map = new HeaderMap();
  for (const name of mediaType === undefined ? [...csrfHeaders, 'accept'] : csrfHeaders) {
    const value = headers[name];
    if (value !== undefined) map.set(name, typeof value === 'string' ? value : value.join(', '));
  }
  return map;
}
