import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import type { RateDecision, RateLimiter } from '../security/rate-limit.ts';
import type { Admission, Admitted } from './admission.ts';
import type { HttpAnswer } from './answer.ts';
import type { CorsPolicy } from './cors.ts';
import type { EdgeObserver } from './edge-observer.ts';
import { entityTag, matchesTag } from './entity-tag.ts';
import type { Graphiql } from './graphiql.ts';
import type { GraphqlHandler, GraphqlHttpAnswer, GraphqlMediaType } from './graphql-port.ts';
import { chooseMediaType, wantsHtml } from './media-type.ts';
import { readGraphqlBody, readGraphqlQuery } from './operation-body.ts';
import { rateHeaders } from './rate-refusal.ts';
import { checkContent, checkPreflight } from './request-checks.ts';
import type { Exchange, Responder } from './responder.ts';

export interface GraphqlRouteOptions {
  readonly graphql: GraphqlHandler;
  readonly path: string;
  readonly admission: Admission;
  readonly responder: Responder;
  readonly limiter: RateLimiter | null;
  readonly cors: CorsPolicy;
  readonly graphiql: Graphiql | null;
  /** @throws AppError - `OVERLOADED` while this process has more to do than it can. */
  readonly shed: () => void;
  readonly preflightHeaders: readonly string[];
  readonly observer: EdgeObserver;
  readonly clock: Clock;
}

declare module 'fastify' {
  interface FastifyRequest {
    admitted: Admitted | null;
  }
}

/** POST and GET /graphql, in this order: load, method's own checks, identity, rate limit, body, operation. */
export function addGraphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const { responder, graphql, limiter, observer, clock } = options;
  app.decorateRequest('admitted', null);

  function prepare(exchange: Exchange): Admitted | Promise<Admitted> {
    options.shed();
    const { request } = exchange;
    if (request.method === 'POST') checkContent(request);
    else checkPreflight(request, options.preflightHeaders);
    return options.admission.admit(exchange);
  }

  app.route({
    method: ['GET', 'POST'],
    url: options.path,
    onRequest(request, reply, done) {
      const exchange = { request: request.raw, response: reply.raw, id: request.id };
      const fail = (error: unknown): void => {
        reply.hijack();
        responder.refuse(exchange, error);
      };
      if (options.graphiql !== null && request.method === 'GET' && wantsHtml(request.headers.accept)) {
        reply.hijack();
        void responder.send(exchange, options.graphiql.page());
        return;
      }
      try {
        const admitted = prepare(exchange);
        if (!(admitted instanceof Promise)) {
          request.admitted = admitted;
          done();
          return;
        }
        admitted.then((value) => {
          request.admitted = value;
          done();
        }, fail);
      } catch (error) {
        fail(error);
      }
    },
    handler(request, reply) {
      reply.hijack();
      const { admitted } = request;
      if (admitted === null) throw new Error('a GraphQL request came past its admission');
      void serve({ request: request.raw, response: reply.raw, id: request.id }, admitted, request.body);
    },
  });

  app.route({
    method: 'OPTIONS',
    url: options.path,
    handler(request, reply) {
      reply.hijack();
      const headers = options.cors.preflightFor(request.raw) ?? [];
      const exchange = { request: request.raw, response: reply.raw, id: request.id };
      void responder.send(exchange, { status: 204, headers: ['allow', 'GET, POST, OPTIONS', ...headers], body: null });
    },
  });

  async function serve(exchange: Exchange, admitted: Admitted, bytes: unknown): Promise<void> {
    const { request } = exchange;
    const { edge } = admitted;
    const { caller } = edge;
    try {
      const mediaType = chooseMediaType(request.headers.accept);
      const isPost = request.method === 'POST';
      const answer = await graphql.handle({
        method: isPost ? 'POST' : 'GET',
        headers: request.headers,
        body: isPost
          ? readGraphqlBody(bytes instanceof Buffer ? bytes : undefined)
          : readGraphqlQuery(searchOf(request)),
        mediaType,
        edge,
      });
      const rate = limiter?.charge(caller, 1 + (answer.usage?.points ?? 0));
      const sentBytes = await responder.send(exchange, toHttp(request, answer, { mediaType, rate }));
      observer.answered({ edge, answer, durationMs: clock.nowMs() - edge.startedMs, sentBytes });
    } catch (error) {
      responder.refuse(exchange, error, edge);
    }
  }
}

interface AnswerTerms {
  readonly mediaType: GraphqlMediaType;
  readonly rate: RateDecision | undefined;
}

function toHttp(request: IncomingMessage, answer: GraphqlHttpAnswer, { mediaType, rate }: AnswerTerms): HttpAnswer {
  const headers: string[] = [];
  let hasType = false;
  let cacheControl: string | undefined;
  for (const [name, value] of answer.headers) {
    if (name === 'content-type') hasType = true;
    else if (name === 'cache-control') cacheControl = value;
    // The responder counts what it sends, compressed or not.
    else if (name === 'content-length') continue;
    headers.push(name, value);
  }
  if (!hasType) headers.push('content-type', `${mediaType}; charset=utf-8`);
  if (cacheControl === undefined) headers.push('cache-control', 'no-store');
  if (rate !== undefined) headers.push(...rateHeaders(rate));
  const { status, body } = answer;
  if (
    status !== 200 ||
    request.method !== 'GET' ||
    !isKeepable(cacheControl) ||
    !(typeof body === 'string' || Buffer.isBuffer(body))
  ) {
    return { status, headers, body };
  }
  const tag = entityTag(body);
  headers.push('etag', tag);
  return matchesTag(request.headers['if-none-match'], tag)
    ? { status: 304, headers, body: null }
    : { status, headers, body };
}

function isKeepable(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && cacheControl.includes('max-age') && !cacheControl.includes('no-store');
}

function searchOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark);
}
