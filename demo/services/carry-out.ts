import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { authenticate, authorize, type VerifyToken } from './caller.ts';
import { maxKeyLength } from './idempotency.ts';
import type { Operation } from './operation.ts';
import { notFound, Problem, problemBody } from './problem.ts';
import { readQuery } from './query.ts';
import { canonicalJson, parseBody } from './request-body.ts';
import type { Match } from './routing.ts';
import { findFaults } from './schema.ts';
import type { Route, Service, ServiceAnswer, ServiceRequest } from './service.ts';

export interface Arrival {
  message: IncomingMessage;
  url: URL;
  bytes: Buffer;
}

function checkPath(operation: Operation, path: Record<string, string>): void {
  for (const parameter of operation.parameters ?? []) {
    if (parameter.in !== 'path') continue;
    const faults = findFaults(path[parameter.name], parameter.schema, { schemas: {} });
    if (faults.length > 0) throw notFound(parameter.name);
  }
}

function readKey(operation: Operation, request: ServiceRequest): string | undefined {
  if (!operation.idempotency) return undefined;
  const key = request.header('idempotency-key');
  if (key === undefined || key === '') {
    if (operation.idempotency === 'optional') return undefined;
    throw new Problem(400, 'idempotency-key-required', { detail: 'This write needs an Idempotency-Key header.' });
  }
  if (key.length > maxKeyLength) {
    throw new Problem(422, 'idempotency-key-too-long', {
      detail: `An Idempotency-Key has at most ${maxKeyLength} characters.`,
    });
  }
  return key;
}

function handleOnce(service: Service, route: Route, request: ServiceRequest): ServiceAnswer | Promise<ServiceAnswer> {
  const key = readKey(route.operation, request);
  if (key === undefined || !service.idempotency || !request.caller) return route.handle(request);
  const { method, path } = route.operation;
  const fingerprint = createHash('sha256')
    .update(canonicalJson([method, path, request.path, request.body ?? null]))
    .digest('base64url');
  return service.idempotency.run({ subject: request.caller.subject, key, fingerprint }, async () =>
    route.handle(request),
  );
}

function unmatched(match: Exclude<Match, { kind: 'found' }>): Problem {
  if (match.kind === 'none')
    return new Problem(404, 'no-such-route', { detail: 'There is no such route; see /openapi.json.' });
  const allow = match.allow.join(', ');
  return new Problem(405, 'method-not-allowed', { detail: `This route takes ${allow}.`, headers: { allow } });
}

async function handle(
  service: Service,
  match: Match,
  context: { arrival: Arrival; verify: VerifyToken },
): Promise<ServiceAnswer> {
  if (match.kind !== 'found') throw unmatched(match);
  const { operation } = match.route;
  const { message, url, bytes } = context.arrival;
  const caller = await authenticate(message.headers.authorization, context.verify);
  authorize(caller, operation);
  checkPath(operation, match.path);
  const header = (name: string) => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const query = readQuery(url.searchParams, operation.parameters ?? []);
  const body = parseBody(bytes, message.headers['content-type'], { operation, schemas: service.schemas });
  return await handleOnce(service, match.route, { caller, path: match.path, query, body, header });
}

/** Does what the request asks for; every failure comes back as an answer with a problem body. */
export async function carryOut(
  service: Service,
  match: Match,
  context: { arrival: Arrival; verify: VerifyToken; log: (line: string) => void },
): Promise<ServiceAnswer> {
  try {
    return await handle(service, match, context);
  } catch (error) {
    if (error instanceof Problem) return { status: error.status, body: problemBody(error), headers: error.headers };
    context.log(`${service.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    const problem = new Problem(500, 'internal', { detail: 'Something went wrong here.' });
    return { status: 500, body: problemBody(problem) };
  }
}
