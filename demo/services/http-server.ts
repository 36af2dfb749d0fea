import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { replacesAnswer, writeAnswer, writeFault } from './answer.ts';
import type { VerifyToken } from './caller.ts';
import { type Arrival, carryOut } from './carry-out.ts';
import type { CountCall, DecideFault } from './fault-plan.ts';
import { createOpenApi } from './openapi.ts';
import { Problem, problemBody } from './problem.ts';
import { readBytes } from './request-body.ts';
import { createRouter, type Match } from './routing.ts';
import { objectOf } from './schema.ts';
import type { Route, Service } from './service.ts';

export interface InstanceOptions {
  /** As `catalog-1`. */
  id: string;
  /** 0 takes any free port. */
  port: number;
  verify: VerifyToken;
  log: (line: string) => void;
  countCall?: CountCall;
  decideFault?: DecideFault;
}

export interface Instance {
  id: string;
  url: string;
  /** Lets requests finish for a moment, then cuts what still hangs. */
  close(): Promise<void>;
}

/** A port that another program has; its message is for the person who starts the shop. */
export class PortInUseError extends Error {
  readonly port: number;

  constructor(id: string, port: number) {
    super(
      `Port ${port} (${id}) is in use: end the program that listens there, or set DEMO_PORT_BASE to another number.`,
    );
    this.name = 'PortInUseError';
    this.port = port;
  }
}

const host = '127.0.0.1';
const graceMs = 150;
/** Longer than a client's pool keeps an idle socket, so that the client is the one who closes it. */
const keepAliveMs = 72_000;

function ownRoutes(service: Service): Route[] {
  const about = { method: 'GET', access: 'public', cacheControl: 'no-store' } as const;
  const health: Route = {
    operation: {
      ...about,
      path: '/health',
      operationId: 'getHealth',
      summary: 'Whether the instance serves.',
      answers: { 200: { description: 'It does.', schema: objectOf({ status: { type: 'string', enum: ['ok'] } }) } },
    },
    handle: () => ({ status: 200, body: { status: 'ok' } }),
  };
  const document: Route = {
    operation: {
      ...about,
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This document.',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: { type: 'object' } } },
    },
    handle: () => ({ status: 200, body: openApi }),
  };
  const openApi = createOpenApi(service, [...service.routes, health, document]);
  return [health, document];
}

async function listen(server: Server, options: InstanceOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ port: options.port, host }, resolve);
  try {
    await promise;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw isTaken ? new PortInUseError(options.id, options.port) : error;
  }
  server.off('error', reject);
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

function parseUrl(request: IncomingMessage): URL | null {
  // Only origin-form: "//evil" would otherwise be read as a host.
  return request.url?.startsWith('/') ? URL.parse(`http://shop${request.url}`) : null;
}

/** Serves one instance of a service over HTTP. @throws PortInUseError */
export async function startInstance(service: Service, options: InstanceOptions): Promise<Instance> {
  const builtIn = ownRoutes(service);
  const router = createRouter([...service.routes, ...builtIn]);
  const closing = new AbortController();

  function routeOf(request: IncomingMessage, match: Match): string {
    return match.kind === 'found' ? match.key : `${request.method ?? 'GET'} (no route)`;
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseUrl(request);
    const match: Match = url ? router(request.method ?? 'GET', url.pathname) : { kind: 'none' };
    const call = { service: service.name, instance: options.id, route: routeOf(request, match) };
    const isContract = match.kind !== 'found' || !builtIn.includes(match.route);
    if (isContract) options.countCall?.(call);
    const plan = options.decideFault?.(call) ?? null;
    const exchange = { request, response };
    const operation = match.kind === 'found' ? match.route.operation : undefined;

    // Read before any delay: a write goes on when its caller has gone.
    const bytes = await readBytes(request);
    if (plan?.delayMs !== undefined && !plan.after) await delay(plan.delayMs, undefined, { signal: closing.signal });
    if (plan && !plan.after && replacesAnswer(plan)) return writeFault(exchange, plan);
    if (response.destroyed && request.method === 'GET') return;

    const arrival: Arrival = { message: request, url: url ?? new URL('http://shop/'), bytes };
    const answer = await carryOut(service, match, { arrival, verify: options.verify, log: options.log });
    if (plan?.after && plan.delayMs !== undefined) await delay(plan.delayMs, undefined, { signal: closing.signal });
    if (plan?.after && replacesAnswer(plan)) return writeFault(exchange, plan);
    writeAnswer(exchange, answer, { operation, patch: plan?.body });
  }

  function fail(error: unknown, response: ServerResponse): void {
    if (error instanceof Problem) {
      writeAnswer(
        { request: response.req, response },
        { status: error.status, body: problemBody(error), headers: error.headers },
        { operation: undefined },
      );
      return;
    }
    // The caller went away, or the shop is closing: there is nobody left to tell.
    response.destroy();
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => fail(error, response));
  });
  server.keepAliveTimeout = keepAliveMs;
  const url = await listen(server, options);

  async function close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    closing.abort();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await promise;
    clearTimeout(cut);
  }
  return { id: options.id, url, close };
}
