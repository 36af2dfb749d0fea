import { type GraphQLSchema, getVariableValues } from 'graphql';
import { refuseOldClient } from './client-version.ts';
import type { DocumentLibrary } from './documents/document-library.ts';
import type { EngineContext, EngineViewer } from './engine-context.ts';
import type { Exchange } from './exchange.ts';
import type { Operation } from './execution/operation.ts';
import { checkVariables } from './limits/check-variables.ts';
import { readOperationRequest } from './operation-request.ts';
import { RequestRefusal } from './request-refusal.ts';

/** One HTTP request for the GraphQL endpoint, as the edge hands it on: its body parsed, its client named. */
export interface EngineRequest {
  /** In capitals. */
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed JSON of a POST, or the members of a GET's query string; undefined where there was nothing. */
  readonly body: unknown;
  /** What the answer shall be, where the edge has read `Accept` already: Apollo needs 10 us to read it again. */
  readonly mediaType?: 'application/json' | 'application/graphql-response+json';
  readonly edge: {
    /** In every error of the answer. */
    readonly id: string;
    readonly clientVersion: string | null;
    /** Null: anonymous. The same object for as long as the same token is known. */
    readonly viewer?: EngineViewer | null;
  };
}

/** Makes one request's context, once its operation is known to be fit to run: a refused request costs nothing. */
export type CreateContext<C extends EngineContext> = (
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
) => C | Promise<C>;

export interface AdmissionDeps {
  readonly schema: GraphQLSchema;
  readonly library: DocumentLibrary;
}

export interface AdmissionOptions {
  readonly costLimit: number;
  readonly oldestClientVersion: string | null;
}

/** What is to run. */
export interface AdmittedOperation {
  readonly operation: Operation;
  /** Coerced by the operation's own definitions. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Finds what is to run; where nothing is, the exchange is told why not. */
export type Admit = (exchange: Exchange, request: EngineRequest) => AdmittedOperation | undefined;

/** Everything that stands between a request and its execution: version, document, operation, method, variables, cost. */
export function createOperationAdmission(deps: AdmissionDeps, options: AdmissionOptions): Admit {
  const { schema, library } = deps;
  return (exchange, request) => {
    // Apollo answers other methods with 405.
    if (request.method !== 'GET' && request.method !== 'POST') return undefined;
    try {
      return admit(exchange, request);
    } catch (error) {
      if (!(error instanceof RequestRefusal)) throw error;
      exchange.refusals = [error];
      return undefined;
    }
  };

  function admit(exchange: Exchange, request: EngineRequest): AdmittedOperation | undefined {
    refuseOldClient(request.edge.clientVersion, options.oldestClientVersion);
    const asked = readOperationRequest(request.body);
    const found = library.find(asked);
    if (found.kind === 'refused') {
      exchange.refusals = found.refusals;
      return undefined;
    }
    const operation = chooseOperation(found.operations, asked.operationName);
    exchange.operation = operation;
    const { definition } = operation;
    if (request.method === 'GET' && definition.operation !== 'query') {
      throw new RequestRefusal('BAD_REQUEST', `Send a ${definition.operation} by POST.`, {
        status: 405,
        headers: { allow: 'POST' },
      });
    }
    const { coerced, errors } = getVariableValues(schema, definition.variableDefinitions ?? [], asked.variables, {
      maxErrors: 20,
    });
    if (errors !== undefined) {
      exchange.refusals = errors.map((error) => new RequestRefusal('BAD_USER_INPUT', error.message, { at: error }));
      return undefined;
    }
    exchange.cost = operation.costOf(coerced);
    if (exchange.cost > options.costLimit) {
      throw new RequestRefusal(
        'COST_LIMIT_EXCEEDED',
        `The operation costs ${exchange.cost}; at most ${options.costLimit} is served. Ask for shorter lists or fewer fields.`,
      );
    }
    checkVariables(coerced, operation.conditions);
    return { operation, variables: coerced };
  }
}

function chooseOperation(operations: readonly Operation[], name: string | undefined): Operation {
  const code = 'OPERATION_RESOLUTION_FAILURE';
  const [first, second] = operations;
  if (name !== undefined && name !== '') {
    const named = operations.find((operation) => operation.name === name);
    if (named !== undefined) return named;
    throw new RequestRefusal(code, `The document has no operation named ${JSON.stringify(name.slice(0, 100))}.`);
  }
  if (first === undefined) throw new RequestRefusal(code, 'The document has no operation.');
  if (second !== undefined)
    throw new RequestRefusal(code, 'The document has several operations: send `operationName`.');
  return first;
}
