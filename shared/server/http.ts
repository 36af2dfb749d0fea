import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '../clock.ts';
import { preflightHeaders } from '../graphql/apollo.ts';
import type { Logger } from '../observability/logger.ts';
import { createAddressReader } from '../security/address.ts';
import type { RateLimiter } from '../security/rate-limit.ts';
import type { TokenVerifier } from '../security/token.ts';
import { type AdminOptions, addAdminRoutes } from './admin-routes.ts';
import { createViewerAdmission } from './admission.ts';
import { textAnswer } from './answer.ts';
import { createCorsPolicy } from './cors.ts';
import { createDrain } from './drain.ts';
import { type EdgeObserver, silentObserver } from './edge-observer.ts';
import { createGraphiql, type GraphiqlOptions } from './graphiql.ts';
import type { GraphqlHandler } from './graphql-port.ts';
import { addGraphqlRoute } from './graphql-route.ts';
import { createListener, type ListenerOptions, openPort } from './listener.ts';
import type { LoadGauge } from './load-gauge.ts';
import { Refusal } from './refusal.ts';
import { readClientWord } from './request-headers.ts';
import { createResponder } from './responder.ts';
import { addHealthRoutes, addPlainRoute, type Readiness, takeOver } from './service-routes.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly graphql: GraphqlHandler;
  /** Where GraphQL is; `/graphql`. */
  readonly graphqlPath?: string;
  /** Handed out at GET /schema.graphql; null: not at all. */
  readonly sdl: string | null;
  readonly logger: Logger;
  readonly verifier: TokenVerifier;
  readonly clock?: Clock;
  /** Default none: for tests of something else. */
  readonly limiter?: RateLimiter;
  readonly loadGauge?: LoadGauge;
  readonly observer?: EdgeObserver;
  /** The browsers' origins that may read answers; default none. */
  readonly corsOrigins?: readonly string[];
  /** Whose X-Forwarded-For is believed; default nobody's. */
  readonly trustedProxies?: readonly string[];
  /** Shows browsers a query editor at GET /graphql; default not. */
  readonly graphiql?: GraphiqlOptions;
  /** What a GET must carry one of; empty lets every GET through, for conformance suites only. */
  readonly preflightHeaders?: readonly string[];
  readonly readiness?: Readiness;
  /** Whether a trace that begins here is recorded; default never. */
  readonly isSampled?: () => boolean;
  /** How long a terminating process goes on serving; default 5000. */
  readonly drainNoticeMs?: number;
  /** How long what is under way may take after that; default 9000. */
  readonly drainMs?: number;
  /** The operators' routes on this listener too, in development; default not. */
  readonly admin?: AdminOptions;
  /** More routes of the composition root, on the same listener. */
  readonly routes?: (app: FastifyInstance) => void;
  /** Shorter waits, for tests. */
  readonly timeouts?: ListenerOptions['timeouts'];
}

export interface HttpServer {
  /** @throws Error - with Node's code (`EADDRINUSE`, ...) where the port cannot be had. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Whether a shutdown has begun. */
  readonly isClosing: boolean;
  /** `drain` lets what is under way end, as docs/operations.md says; a second call with `now` hurries the first. */
  close(manner: 'drain' | 'now'): Promise<void>;
}

/** What is known of a request that could not be read. */
const unread = {
  requestId: '',
  edge: null,
  clientName: null,
  clientVersion: null,
  path: '',
  isGraphql: false,
  error: null,
  durationMs: 0,
} as const;

/** The public listener: GraphQL at /graphql, its SDL, and health; every refusal in GraphQL's shape. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const clock = options.clock ?? systemClock;
  const limiter = options.limiter ?? null;
  const cors = createCorsPolicy(options.corsOrigins ?? []);
  const readAddress = createAddressReader(options.trustedProxies ?? []);
  const addressOf = (request: IncomingMessage) =>
    readAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']);
  const graphiql = options.graphiql === undefined ? null : createGraphiql(options.graphiql);
  const observer = options.observer ?? silentObserver;
  const { sdl, loadGauge, graphqlPath = '/graphql' } = options;
  let isClosing = false;

  const responder = createResponder({
    cors,
    isClosing: () => isClosing,
    onRefused({ request, id }, refusal) {
      const { headers } = request;
      // Whatever it fails by, a body that is too long among it: it was let in, and costs what a request does.
      if (refusal.edge !== null) limiter?.charge(refusal.edge.caller, 1);
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (refusal.status === 500)
        options.logger.error({ err: refusal.error, requestId: id }, 'a request failed unexpectedly');
      observer.refused({
        ...refusal,
        requestId: id,
        clientName: readClientWord(headers['apollographql-client-name']),
        clientVersion: readClientWord(headers['apollographql-client-version']),
        path: path.slice(0, 128),
        isGraphql: path === graphqlPath,
        address: refusal.edge?.address ?? addressOf(request),
        durationMs: refusal.edge === null ? 0 : clock.nowMs() - refusal.edge.startedMs,
      });
    },
  });
  const app = createListener(responder, {
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
    onUnread: ({ status, code }, address) => observer.refused({ ...unread, status, code, address }),
  });
  const site = { app, responder };

  addGraphqlRoute(app, {
    graphql: options.graphql,
    path: graphqlPath,
    admission: createViewerAdmission({
      verifier: options.verifier,
      limiter,
      addressOf,
      isSampled: options.isSampled ?? (() => false),
      clock,
    }),
    responder,
    limiter,
    cors,
    graphiql,
    shed: () => loadGauge?.admit(),
    preflightHeaders: options.preflightHeaders ?? preflightHeaders,
    observer,
    clock,
  });
  addHealthRoutes(site, { readiness: options.readiness ?? {}, isClosing: () => isClosing });
  if (options.admin !== undefined) addAdminRoutes(site, options.admin);
  else if (sdl !== null) addPlainRoute(site, '/schema.graphql', () => textAnswer(sdl));
  if (graphiql !== null) {
    app.get('/graphiql/:name', (request, reply) => {
      const exchange = takeOver(request, reply);
      const { name } = request.params as { name: string };
      graphiql.asset(name).then(
        (asset) => {
          if (asset === null) responder.refuse(exchange, new Refusal('NOT_FOUND', 'Nothing is here.'));
          else void responder.send(exchange, asset);
        },
        (error: unknown) => responder.refuse(exchange, error),
      );
    });
  }
  options.routes?.(app);

  const drain = createDrain(app.server, {
    clock,
    ...(options.drainNoticeMs === undefined ? {} : { noticeMs: options.drainNoticeMs }),
    ...(options.drainMs === undefined ? {} : { drainMs: options.drainMs }),
  });
  return {
    listen: () => openPort(app, options.host, options.port),
    get isClosing() {
      return isClosing;
    },
    async close(manner) {
      isClosing = true;
      await drain.run(manner);
      await app.close();
    },
  };
}
