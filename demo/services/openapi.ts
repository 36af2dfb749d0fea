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
  401: 'The token is missing or not valid.',
  403: 'Another viewer’s, or a scope is missing.',
  422: 'A parameter, a field or a key is not valid.',
};

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

function describeAnswer(status: number, answer: DocumentedAnswer): Record<string, unknown> {
  const schema = answer.schema ?? (status >= 400 ? ref('Problem') : undefined);
  if (!schema && !answer.mediaType) return { description: answer.description };
  const mediaType = answer.mediaType ?? (status >= 400 ? 'application/problem+json' : 'application/json');
  return { description: answer.description, content: { [mediaType]: { schema: schema ?? { type: 'string' } } } };
}

function answersOf(operation: Operation): Record<string, unknown> {
  const statuses = operation.access === 'public' ? [401, 422] : [401, 403, 422];
  const common = Object.fromEntries(statuses.map((status) => [status, { description: commonAnswers[status] ?? '' }]));
  const all: Record<string, DocumentedAnswer> = { ...common, ...operation.answers };
  if (operation.isConditional) all['304'] = { description: 'Unchanged.' };
  return Object.fromEntries(
    Object.entries(all).map(([status, answer]) => [status, describeAnswer(Number(status), answer)]),
  );
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
