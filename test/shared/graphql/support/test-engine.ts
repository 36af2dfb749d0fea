import type { GraphQLFieldResolver } from 'graphql';
import { createCallReport } from '../../../../shared/graphql/call-report.ts';
import { createDegradedLog } from '../../../../shared/graphql/degraded-log.ts';
import { createGraphqlEngine, type EngineAnswer } from '../../../../shared/graphql/engine.ts';
import { createAudience, type EngineContext, type EngineViewer } from '../../../../shared/graphql/engine-context.ts';
import type { GraphqlEngineOptions } from '../../../../shared/graphql/engine-options.ts';
import { createExecutableSchema } from '../../../../shared/graphql/schema.ts';
import { readGraphqlQuery } from '../../../../shared/server/operation-body.ts';

export const directives = `
  directive @authenticated on FIELD_DEFINITION
  directive @requiresScope(scopes: [String!]!) on FIELD_DEFINITION
  directive @cost(weight: Int!) on FIELD_DEFINITION
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
  directive @maxStale(seconds: Int!) on QUERY | FIELD
  directive @neverStale on FIELD_DEFINITION
`;

export type TestResolver = GraphQLFieldResolver<never, TestContext, never>;

/** A request's context as a server would make it, with nothing behind it. */
export class TestContext implements EngineContext {
  readonly requestId: string;
  readonly audience = createAudience();
  readonly degraded = createDegradedLog();
  readonly report = createCallReport();
  readonly #viewer: EngineViewer | null;

  constructor(requestId: string, viewer: EngineViewer | null) {
    this.requestId = requestId;
    this.#viewer = viewer;
  }

  get viewer(): EngineViewer | null {
    this.audience.markPersonal();
    return this.#viewer;
  }
}

export interface TestRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly mediaType?: 'application/json' | 'application/graphql-response+json';
  readonly clientVersion?: string | null;
  readonly viewer?: EngineViewer | null;
}

/** An answer with its body read. */
export interface ReadAnswer extends EngineAnswer {
  readonly json: {
    readonly data?: unknown;
    readonly errors?: ReadonlyArray<{
      readonly message: string;
      readonly path?: readonly unknown[];
      readonly locations?: readonly unknown[];
      readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
    }>;
    readonly extensions?: Readonly<Record<string, unknown>>;
  };
  /** The code of each error. */
  readonly codes: readonly string[];
}

export interface TestEngine {
  ask(request: TestRequest): Promise<ReadAnswer>;
  post(body: unknown, request?: TestRequest): Promise<ReadAnswer>;
  get(parameters: Readonly<Record<string, string>>, request?: TestRequest): Promise<ReadAnswer>;
  stop(): Promise<void>;
}

export interface TestEngineOptions extends Partial<Omit<GraphqlEngineOptions, 'schema'>> {
  readonly sdl: string;
  readonly resolvers?: Readonly<Record<string, Readonly<Record<string, TestResolver>>>>;
  readonly createContext?: (requestId: string, viewer: EngineViewer | null) => TestContext;
}

/** An engine over a small schema, called as the edge calls it. */
export async function createTestEngine(given: TestEngineOptions): Promise<TestEngine> {
  const { sdl, resolvers = {}, createContext = (id, viewer) => new TestContext(id, viewer), ...options } = given;
  const engine = await createGraphqlEngine<TestContext>({
    schema: createExecutableSchema(`${directives}\n${sdl}`, resolvers),
    documents: { mode: 'open' },
    ...options,
  });
  let requestCount = 0;

  async function ask(request: TestRequest): Promise<ReadAnswer> {
    requestCount += 1;
    const id = `request-${requestCount}`;
    const answer = await engine.handle(
      {
        method: request.method ?? 'POST',
        headers: request.headers ?? { 'content-type': 'application/json' },
        body: request.body,
        ...(request.mediaType === undefined ? {} : { mediaType: request.mediaType }),
        edge: { id, clientVersion: request.clientVersion ?? null, viewer: request.viewer ?? null },
      },
      () => createContext(id, request.viewer ?? null),
    );
    const json: ReadAnswer['json'] = JSON.parse(String(answer.body));
    return { ...answer, json, codes: json.errors?.map(({ extensions }) => extensions.code) ?? [] };
  }

  return {
    ask,
    post: (body, request) => ask({ ...request, method: 'POST', body }),
    get: (parameters, request) =>
      ask({
        ...request,
        method: 'GET',
        headers: { 'apollo-require-preflight': 'yes', ...request?.headers },
        body: readGraphqlQuery(`?${new URLSearchParams(parameters).toString()}`),
      }),
    stop: () => engine.stop(),
  };
}
