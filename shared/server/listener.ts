import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { answerClientError, answerOnSocket } from './client-errors.ts';
import { Refusal } from './refusal.ts';
import { checkEnvelope, maxBodyBytes } from './request-checks.ts';
import { readRequestId } from './request-headers.ts';
import type { Responder } from './responder.ts';
import { takeOver } from './service-routes.ts';

/** Node by itself would look for late requests every 30 s only, and wait five minutes for their end. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 72_000,
};

export interface ListenerOptions {
  readonly timeouts?: Partial<typeof timeouts>;
  /** Told of what is refused before it is a request: bad framing, headers or a body that never end. */
  readonly onUnread?: (refusal: Refusal, address: string) => void;
}

/** A Fastify that turns every bad request away in our shape: its own errors, Node's, and paths and methods that nobody serves. */
export function createListener(responder: Responder, options: ListenerOptions = {}): FastifyInstance {
  const limits = { ...timeouts, ...options.timeouts };
  // What a stranger sends is looked up, never compiled: Fastify's own look-up reads it as a pattern.
  const methodsByPath = new Map<string, string[]>();
  const app = fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    http: {
      ...limits,
      // The URL and the headers have 16 KiB each; what exceeds both together never reaches us.
      maxHeaderSize: 32 * 1024,
      // A second Authorization or Host must be seen, not dropped.
      joinDuplicateHeaders: true,
      // Node's own answer to a missing Host has no body.
      requireHostHeader: false,
    },
    genReqId: (request: IncomingMessage) => readRequestId(request.headers['x-request-id']),
    requestIdHeader: false,
    // While we close, requests that still come are answered.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, {
        refuseMethod: (target) => refuseRoute(methodsByPath, target),
        onRefused: (refusal, address) => options.onUnread?.(refusal, address),
      }),
    frameworkErrors: (error, request, reply) => responder.refuse(takeOver(request, reply), translate(error)),
  });
  app.addHook('onRoute', ({ url, method }) => {
    methodsByPath.set(url, [...(methodsByPath.get(url) ?? []), ...[method].flat()]);
  });
  // The size is bounded; a count would drop headers past it in silence, Authorization perhaps.
  app.server.maxHeadersCount = 0;
  app.server.on('checkExpectation', (request, response) => {
    const exchange = { request, response, id: readRequestId(request.headers['x-request-id']) };
    responder.refuse(exchange, new Refusal('EXPECTATION_FAILED', 'The only expectation that is met is 100-continue.'));
  });
  app.server.on('checkContinue', (request, response) => {
    const exchange = { request, response, id: readRequestId(request.headers['x-request-id']) };
    // Whoever asks before sending is told before sending.
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) responder.refuse(exchange, tooLarge());
    else {
      response.writeContinue();
      app.server.emit('request', request, response);
    }
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, done) => {
    try {
      checkEnvelope(request.raw);
      // Here, and not in a handler: that would first wait for a body that nobody reads.
      if (request.is404) throw refuseRoute(methodsByPath, request.url);
    } catch (error) {
      responder.refuse(takeOver(request, reply), error);
      return;
    }
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    responder.refuse(takeOver(request, reply), translate(error), request.admitted?.edge);
  });
  // Never reached, but what it would do by default is answer in Fastify's own shape.
  app.setNotFoundHandler((request, reply) => {
    responder.refuse(takeOver(request, reply), refuseRoute(methodsByPath, request.url));
  });
  // Node closes the connection without a word where nobody listens.
  app.server.on('connect', (_request, socket) => answerOnSocket(socket, refuseRoute(methodsByPath, '/graphql')));
  return app;
}

function refuseRoute(methodsByPath: ReadonlyMap<string, readonly string[]>, url: string): Refusal {
  const methods = methodsByPath.get(url.split('?', 1)[0] ?? '')?.join(', ');
  if (methods === undefined) return new Refusal('NOT_FOUND', 'Nothing is here: GraphQL is at /graphql.');
  return new Refusal('METHOD_NOT_ALLOWED', `Use ${methods} here.`, { allow: methods });
}

/** @throws Error - with Node's code (`EADDRINUSE`, ...) where the port cannot be had. */
export async function openPort(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<{ url: string; port: number }> {
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`, port: address.port };
}

function tooLarge(): Refusal {
  return new Refusal('CONTENT_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes.`, { connection: 'close' });
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error) || !('statusCode' in error)) return error;
  switch (error.statusCode) {
    case 413:
      return tooLarge();
    case 414:
      return new Refusal('URI_TOO_LONG', 'A part of the path is longer than any name here.');
    case 415:
      return new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Send the body with Content-Type: application/json.');
    case 400:
      return new Refusal('BAD_REQUEST', 'The request is malformed.');
    default:
      return error;
  }
}
