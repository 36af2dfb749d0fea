import { maxKeyLength } from './idempotency.ts';
import type { DocumentedAnswer, Operation, Parameter } from './operation.ts';
import { objectOf, ref, type Schema } from './schema.ts';
import type { Route, Service } from './service.ts';

const problemSchema: Schema = objectOf({
  type: { type: 'string', format: 'uri' },
  title: { type: 'string' },
  status: { type: 'integer' },
  detail: { type: 'string' },
});

const commonAnswers: Record<number, string> = {
  400: 'The body is not JSON in UTF-8, or a header that is needed is missing.',
  401: 'The token is missing or not valid.',
  403: 'Another viewer’s, or a scope is missing.',
  404: 'There is no such thing.',
  413: 'The body is too large.',
  415: 'The body is not sent as application/json.',
  422: 'A parameter, a field or a key is not valid.',
};

/** How any operation of this form can fail, before it is carried out. */
function refusalsOf({ access, parameters = [], body, idempotency }: Operation): number[] {
  const isGivenBy = (place: Parameter['in']) => parameters.some((parameter) => parameter.in === place);
  return [
    ...(body || idempotency === 'required' ? [400] : []),
    401,
    ...(access === 'public' ? [] : [403]),
    ...(isGivenBy('path') ? [404] : []),
    ...(body ? [413, 415] : []),
    ...(isGivenBy('query') || body || idempotency ? [422] : []),
  ];
}

/** The headers that follow from the operation and the status. */
function commonHeaders({ access, isConditional, idempotency }: Operation, status: number): Record<string, string> {
  return {
    'Cache-Control': 'Whether and for how long the answer may be kept.',
    ...(access === 'public' ? {} : { Vary: 'authorization: another caller gets another answer.' }),
    ...(isConditional && (status === 200 || status === 304) ? { ETag: 'For If-None-Match.' } : {}),
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer, with error="invalid_token" where one was sent.' } : {}),
    ...(idempotency && status < 500
      ? { 'Idempotency-Replayed': '`true` where the key was used before: this is its first outcome.' }
      : {}),
  };
}

function conditionalParameters(operation: Operation): Parameter[] {
  const parameters: Parameter[] = [];
  if (operation.idempotency) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: operation.idempotency === 'required',
      description: 'The same key and body within 24 hours give the same answer.',
      schema: { type: 'string', minLength: 1, maxLength: maxKeyLength },
    });
  }
  if (operation.isConditional) {
    const description = 'An ETag that the caller has; 304 where it still holds.';
    parameters.push({ name: 'If-None-Match', in: 'header', description, schema: { type: 'string' } });
  }
  return parameters;
}

function describeHeaders(headers: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function describeAnswer(status: number, answer: DocumentedAnswer, operation: Operation): Record<string, unknown> {
  const { description } = answer;
  const headers = describeHeaders({ ...commonHeaders(operation, status), ...answer.headers });
  const schema = answer.schema ?? (status >= 400 ? ref('Problem') : undefined);
  if (!schema && !answer.mediaType) return { description, headers };
  const mediaType = answer.mediaType ?? (status >= 400 ? 'application/problem+json' : 'application/json');
  return { description, headers, content: { [mediaType]: { schema: schema ?? { type: 'string' } } } };
}

function answersOf(operation: Operation): Record<string, unknown> {
  const common = Object.fromEntries(
    refusalsOf(operation).map((status) => [status, { description: commonAnswers[status] ?? '' }]),
  );
  const all: Record<string, DocumentedAnswer> = { ...common, ...operation.answers };
  if (operation.isConditional) all['304'] = { description: 'Unchanged.' };
  const answers: Record<string, unknown> = {};
  for (const [status, answer] of Object.entries(all))
    answers[status] = describeAnswer(Number(status), answer, operation);
  answers['default'] = {
    description: 'The service failed; the caller did nothing wrong.',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  };
  return answers;
}

function describeOperation({ operation }: Route): Record<string, unknown> {
  const parameters = [...(operation.parameters ?? []), ...conditionalParameters(operation)].map((parameter) => ({
    ...parameter,
    ...(parameter.schema.type === 'array' ? { style: 'form', explode: false } : {}),
  }));
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    security: operation.access === 'public' ? [{}, { bearer: [] }] : [{ bearer: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: operation.body } } } }
      : {}),
    responses: answersOf(operation),
  };
}

/** The service's OpenAPI 3.1 document, written from the descriptions that its routes are checked against. */
export function createOpenApi(service: Service, routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const { method, path } = route.operation;
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: service.title, version: '1.0.0' },
    paths,
    components: {
      schemas: { ...service.schemas, Problem: problemSchema },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
