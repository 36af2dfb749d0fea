import { createReadThrough } from '../cache/read-through.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createActivityBuffer } from '../domains/analytics/activity-buffer.ts';
import type { RequestContext, RequestParts, SharedParts } from '../domains/context.ts';
import { createClients } from '../domains/services.ts';
import { type CallScope, createCallScope } from '../downstream/call-scope.ts';
import { createDeadline } from '../downstream/deadline.ts';
import { createDownstream } from '../downstream/downstream-client.ts';
import { createCallReport } from '../graphql/call-report.ts';
import { createGraphqlEngine } from '../graphql/engine.ts';
import { createExecutableSchema } from '../graphql/schema.ts';
import { createLogger } from '../observability/logger.ts';
import { randomHex } from '../observability/trace-context.ts';
import type { ClientProfile } from '../profile.ts';
import { createTokenVerifier } from '../security/token.ts';
import { readClientFiles } from './client-files.ts';
import type { GraphqlHandler } from './graphql-port.ts';
import { createHttpServer } from './http.ts';
import { toServices } from './service-options.ts';

/** What makes a client's server that client's. */
export interface RuntimeOptions<C extends RequestContext> {
  readonly config: Config;
  readonly profile: ClientProfile;
  /** The shared resolvers merged with the client's own. */
  readonly resolvers: object;
  readonly createContext: (shared: SharedParts, request: RequestParts) => C;
  readonly clock?: Clock;
}

export interface Runtime {
  readonly url: string;
  close(manner: 'drain' | 'now'): Promise<void>;
}

/** Puts the parts of one server together and opens its port. */
export async function startRuntime<C extends RequestContext>(options: RuntimeOptions<C>): Promise<Runtime> {
  const { config, profile } = options;
  const { sdl, manifests, foreignManifests } = readClientFiles(profile.name);
  const clock = options.clock ?? systemClock;
  const logger = createLogger({ level: config.observability.logLevel, service: profile.name });
  const verifier = createTokenVerifier({ ...config.identity, clock });
  const downstream = createDownstream({
    services: toServices(config.services),
    ...(config.identity.serviceToken ? { serviceToken: config.identity.serviceToken } : {}),
    clock,
  });
  const reads = createReadThrough<CallScope>({ clock, detach: detachForCache });
  const clients = createClients(downstream);
  const activities = createActivityBuffer((batch) => clients.analytics.send(batch, backgroundScope(clock)), clock, {
    onDropped: (count, reason) => logger.warn({ count, reason }, 'activities were dropped'),
  });
  const shared: SharedParts = { profile, clients, reads, activities, clock };
  const engine = await createGraphqlEngine<C>({
    schema: createExecutableSchema(sdl, options.resolvers),
    documents: { mode: config.documents.mode, manifests, foreignManifests },
    costLimit: profile.costLimit,
    isDevelopment: config.environment === 'development',
    oldestClientVersion: config.documents.oldestClientVersion,
    slowAfterMs: config.observability.slowRequestMs,
    clock,
    onMaskedError: (error, requestId) => logger.error({ err: error, requestId }, 'a failure was masked'),
  });

  const graphql: GraphqlHandler = {
    async handle(request) {
      const { edge } = request;
      const deadline = createDeadline({
        budgetMs: Math.min(profile.deadlineMs, edge.requestedTimeoutMs ?? profile.deadlineMs),
        attemptCapMs: profile.deadlineMs / 2,
        parent: edge.signal,
        clock,
      });
      let context: C | undefined;
      try {
        return await engine.handle(request, () => {
          const report = createCallReport();
          const scope = createCallScope({
            deadline,
            viewerId: edge.viewer?.id ?? null,
            authorization: edge.viewer?.authorization ?? null,
            correlationId: edge.id,
            traceparent: edge.traceparent,
            report,
            clock,
          });
          context = options.createContext(shared, {
            requestId: edge.id,
            viewer: edge.viewer,
            scope: { ...scope, report },
          });
          return context;
        });
      } finally {
        context?.end();
        deadline.close();
      }
    },
  };

  const http = createHttpServer({
    host: config.http.host,
    port: config.http.port,
    graphql,
    sdl,
    logger,
    verifier,
    clock,
  });
  const { url } = await http.listen();
  await verifier.warm();

  return {
    url,
    async close(manner) {
      await http.close(manner);
      await activities.close();
      await engine.stop();
      await downstream.close();
    },
  };
}

/** A call for what is public carries nobody's identity: other requests may wait for it too. */
function detachForCache(scope: CallScope, deadline: CallScope['deadline'], audience: 'public' | 'viewer'): CallScope {
  return audience === 'public' ? { ...scope, deadline, viewerId: null, authorization: null } : { ...scope, deadline };
}

const backgroundBudgetMs = 10_000;

function backgroundScope(clock: Clock): CallScope {
  return createCallScope({
    deadline: createDeadline({ budgetMs: backgroundBudgetMs, clock }),
    viewerId: null,
    authorization: null,
    correlationId: randomHex(16),
    clock,
  });
}
