import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type HttpAnswer, jsonAnswer } from './answer.ts';
import type { Exchange, Responder } from './responder.ts';

/** What must hold before a load balancer sends requests here: by name, a few words on what is missing, or null. */
export type Readiness = Readonly<Record<string, () => string | null>>;

/** A listener and the way that its answers go out. */
export interface Site {
  readonly app: FastifyInstance;
  readonly responder: Responder;
}

/** Adds a route that only hands something out, to GET and HEAD. */
export function addPlainRoute(
  { app, responder }: Site,
  url: string,
  answer: (request: FastifyRequest) => HttpAnswer | Promise<HttpAnswer>,
): void {
  app.route({
    method: ['GET', 'HEAD'],
    url,
    handler(request, reply) {
      const exchange = takeOver(request, reply);
      void (async () => {
        try {
          await responder.send(exchange, await answer(request));
        } catch (error) {
          responder.refuse(exchange, error);
        }
      })();
    },
  });
}

/** Takes a request out of Fastify's hands, so that it is answered in our way. */
export function takeOver(request: FastifyRequest, reply: FastifyReply): Exchange {
  reply.hijack();
  return { request: request.raw, response: reply.raw, id: request.id };
}

/** GET /health/live: the process runs. GET /health/ready: requests may come. */
export function addHealthRoutes(
  site: Site,
  options: { readonly readiness: Readiness; readonly isClosing: () => boolean },
): void {
  addPlainRoute(site, '/health/live', () => jsonAnswer(200, { status: 'ok' }));
  addPlainRoute(site, '/health/ready', () => {
    const missing: Record<string, string> = {};
    for (const [name, check] of Object.entries(options.readiness)) {
      const problem = check();
      if (problem !== null) missing[name] = problem;
    }
    if (options.isClosing()) missing['process'] = 'is shutting down';
    const isReady = Object.keys(missing).length === 0;
    return isReady ? jsonAnswer(200, { status: 'ok' }) : jsonAnswer(503, { status: 'unavailable', missing });
  });
}
