import { capFreshness } from '../cache/freshness-cap.ts';
import type { ReadThroughOptions } from '../cache/read-through.ts';
import type { RedisSharingOptions } from '../cache/redis-sharing.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { serviceNames } from '../config/services.ts';
import { createActivityBuffer } from '../domains/analytics/activity-buffer.ts';
import type { RequestContext, RequestParts, SharedParts } from '../domains/context.ts';
import { describeKeptReads } from '../domains/kept-reads.ts';
import { createClients } from '../domains/services.ts';
import { createCallScope } from '../downstream/call-scope.ts';
import { createDeadline } from '../downstream/deadline.ts';
import type { HostLookup } from '../downstream/discovery.ts';
import { createDownstream } from '../downstream/downstream-client.ts';
import type { ServicePolicy } from '../downstream/policy.ts';
import { type ServicePolicies, servicePolicies, withOwnPolicies } from '../downstream/service-policies.ts';
import { createGraphqlEngine } from '../graphql/engine.ts';
import { createExecutableSchema } from '../graphql/schema.ts';
import { createAuditLog } from '../observability/audit-log.ts';
import { readFailureReason } from '../observability/failure-reason.ts';
import { createLogger, type Logger, type LoggerOptions } from '../observability/logger.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { createOperationLog } from '../observability/operation-log.ts';
import { createPseudonym } from '../observability/pseudonym.ts';
import { randomHex } from '../observability/trace-context.ts';
import { createTracing } from '../observability/tracing.ts';
import type { ClientProfile } from '../profile.ts';
import { createRateLimiter } from '../security/rate-limit.ts';
import { createRedisLease } from '../security/redis-lease.ts';
import { createTokenVerifier } from '../security/token.ts';
import type { AdminOptions } from './admin-routes.ts';
import { createAdminServer } from './admin-server.ts';
import { createAlertWatch } from './alerts.ts';
import { type ClientFiles, readClientFiles } from './client-files.ts';
import { createDownstreamReporter } from './downstream-reporter.ts';
import { createEdgeReporter } from './edge-reporter.ts';
import { createFailureLog } from './failure-log.ts';
import { createGraphqlHandler } from './graphql-handler.ts';
import { createHttpServer } from './http.ts';
import { createLeaseLog } from './lease-log.ts';
import { createLoadGauge } from './load-gauge.ts';
import { requireReachable } from './reachability.ts';
import { openRedis, type RedisLink, type RedisLinkOverrides } from './redis-link.ts';
import { toServices } from './service-options.ts';
import { openSharedCache } from './shared-cache.ts';

/** What makes a client's server that client's. */
export interface RuntimeOptions<C extends RequestContext, P extends ClosablePart> extends RuntimeOverrides {
  readonly config: Config;
  readonly profile: ClientProfile;
  /** The shared resolvers merged with the client's own. */
  readonly resolvers: object;
  readonly createContext: (shared: SharedParts, request: RequestParts, parts: P) => C;
  /** Opens what is the client's own and lives as long as its server. */
  readonly openParts: (parts: OwnParts) => Promise<P>;
}

/** For the bench and the fault catalogue, which measure without a mechanism too, and for tests. */
export interface RuntimeOverrides {
  readonly cache?: Partial<ReadThroughOptions>;
  readonly redis?: RedisLinkOverrides;
  readonly sharing?: RedisSharingOptions;
  /** What one request may wait for Redis, in the place of 100. */
  readonly cacheWaitMs?: number;
  /** In the place of the table of what services have of their own. */
  readonly servicePolicies?: ServicePolicies;
  /** Laid over every service's policy. */
  readonly policy?: Partial<ServicePolicy>;
  /** In the place of the profile's. */
  readonly deadlineMs?: number;
  /** How late our own event loop may be before that is held against no service. */
  readonly stallToleranceMs?: number;
  /** How long after one question the identity provider is not asked for its keys again. */
  readonly jwksCooldownMs?: number;
  readonly clock?: Clock;
  /** Where log lines go; standard output. */
  readonly logDestination?: LoggerOptions['destination'];
  readonly lookup?: HostLookup;
  /** In the place of the public listener and all that it checks. */
  readonly createHttp?: typeof createHttpServer;
}

/** What a client's own parts may build on. */
export interface OwnParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly redis: RedisLink | null;
}

export interface ClosablePart {
  close(): Promise<void>;
  /** More to show under GET /health. */
  health?(): Readonly<Record<string, unknown>>;
}

/** For a client that needs no parts of its own. */
export const noParts: ClosablePart = { close: async () => {} };

export interface Runtime {
  readonly url: string;
  readonly adminUrl: string;
  close(manner: 'drain' | 'now'): Promise<void>;
  onStray(error: unknown, kind: 'rejection' | 'exception'): void;
}

const backgroundBudgetMs = 10_000;

/** Puts the parts of one server together and opens its ports. */
export async function startRuntime<C extends RequestContext, P extends ClosablePart>(
  options: RuntimeOptions<C, P>,
): Promise<Runtime> {
  const { config, profile } = options;
  const clock = options.clock ?? systemClock;
  const isDevelopment = config.environment === 'development';
  if (isDevelopment) await requireReachable(config);
  const { sdl, manifests, foreignManifests } = readClientFiles(profile.name);

  const logger = createLogger({
    level: config.observability.logLevel,
    server: profile.name,
    ...(options.logDestination === undefined ? {} : { destination: options.logDestination }),
  });
  const metrics = createMetrics({ services: serviceNames });
  const audit = createAuditLog(logger, clock);
  const tracing = await createTracing({
    otlpUrl: config.observability.otlpUrl,
    sampleRatio: config.observability.traceSampleRatio,
    service: `shop-bff-${profile.name}`,
    clock,
    onDropped: (count) => metrics.dropped('spans', count),
  });
  const alerts = createAlertWatch(clock, (alert) => {
    metrics.alert(alert.name, alert.service, alert.isFiring);
    logger[alert.isFiring ? 'error' : 'warn'](alert, alert.isFiring ? 'alert' : 'alert is over');
  });

  const redis = openRedis(config.redis, clock, { logger, metrics, overrides: options.redis });
  const downstream = createDownstream({
    services: withOwnPolicies(
      toServices(
        config.services,
        { redis, lookup: options.lookup },
        { breakerOpenMs: config.resilience.breakerOpenMs },
      ),
      options.servicePolicies ?? servicePolicies,
      options.policy,
    ),
    ...(config.identity.serviceToken ? { serviceToken: config.identity.serviceToken } : {}),
    stallToleranceMs: options.stallToleranceMs,
    clock,
    events: createDownstreamReporter({
      logger,
      audit,
      metrics,
      alerts,
      failures: createFailureLog(logger, clock),
    }),
  });
  const reads = openSharedCache({
    clock,
    logger,
    metrics,
    tracing,
    redis,
    overrides: options.cache,
    sharing: options.sharing,
    downstream,
  });
  const clients = createClients(downstream);
  const activities = createActivityBuffer((batch) => clients.analytics.send(batch, backgroundScope(clock)), clock, {
    onDropped(count, reason) {
      metrics.dropped('activities', count);
      logger.warn({ count, reason }, 'activities were dropped');
    },
  });
  const { maxFreshMs } = config.resilience;
  const shared: SharedParts = {
    profile,
    clients,
    reads: maxFreshMs === null ? reads : capFreshness(reads, maxFreshMs),
    activities,
    audit,
    clock,
  };
  const engine = await createGraphqlEngine<C>({
    schema: createExecutableSchema(sdl, options.resolvers),
    documents: { mode: config.documents.mode, manifests, foreignManifests },
    costLimit: profile.costLimit,
    isDevelopment,
    oldestClientVersion: config.documents.oldestClientVersion,
    slowAfterMs: config.observability.slowRequestMs,
    clock,
    onLog: (level, message) => logger[level](message),
    onMaskedError: (error, requestId) => logger.error({ err: error, requestId }, 'a failure was masked'),
  });

  const verifier = createTokenVerifier({
    ...config.identity,
    cooldownMs: options.jwksCooldownMs,
    clock,
    onKeyFetch(outcome, error) {
      if (outcome === 'failed') logger.warn(readFailureReason(error), 'the identity provider did not give its keys');
    },
  });
  const keptReads = describeKeptReads(clients);
  const admin: AdminOptions = {
    services: {
      snapshot: () =>
        downstream.snapshot().map((service) => ({ ...service, fallsBackTo: keptReads.get(service.service) ?? [] })),
      setMode: downstream.setMode,
    },
    metrics: {
      contentType: metrics.contentType,
      text() {
        metrics.shedding(loadGauge.sheddingRatio);
        return metrics.text();
      },
    },
    sdl,
    health: () => ({
      client: profile.name,
      cache: reads.use,
      redis: redis?.gateway.state ?? 'none',
      ...own.health?.(),
    }),
    onSwitch: ({ service, mode, forMs, requestId, address }) =>
      audit.record({
        event: 'switch',
        who: 'operator',
        what: mode === 'normal' ? `${service} normal` : `${service} ${mode} for ${forMs / 1000} s`,
        outcome: 'ok',
        requestId,
        address,
      }),
  };
  const own = await options.openParts({ logger, metrics, redis });
  const loadGauge = createLoadGauge({
    clock,
    maxEventLoopDelayMs: config.limits.shedEventLoopDelayMs,
    maxUtilisation: config.limits.shedUtilisation,
    maxHeapRatio: config.limits.shedHeapRatio,
    startAfterMs: 750,
    onChange(isShedding, load) {
      logger.warn({ isShedding, ...load }, 'load shedding changed');
    },
  });
  const limiter = createRateLimiter({
    clock,
    ...config.limits,
    ...(redis ? { lease: createRedisLease(redis.gateway), onLeaseFailure: createLeaseLog(logger, clock) } : {}),
  });
  const http = (options.createHttp ?? createHttpServer)({
    ...config.http,
    graphql: createGraphqlHandler({
      engine,
      tracing,
      onLookup(read, counts) {
        for (const result in counts) metrics.cacheLookup(read, result, counts[result] ?? 0);
      },
      deadlineMs: options.deadlineMs ?? profile.deadlineMs,
      cacheWaitMs: options.cacheWaitMs,
      clock,
      limiter,
      createContext: (request) => options.createContext(shared, request, own),
    }),
    sdl: isDevelopment ? sdl : null,
    logger,
    verifier,
    clock,
    limiter,
    loadGauge,
    observer: createEdgeReporter({
      logOperation: createOperationLog(logger, { slowAfterMs: config.observability.slowRequestMs }),
      audit,
      metrics,
      tracing,
      pseudonymOf: createPseudonym(config.identity.serviceToken),
    }),
    ...(config.http.hasGraphiql ? { graphiql: { title: profile.name, ...firstDocument(manifests) } } : {}),
    isSampled: () => tracing.isSampled(),
    ...(isDevelopment ? { admin } : {}),
  });
  const adminServer = createAdminServer({
    ...admin,
    host: config.http.adminHost,
    port: config.http.adminPort,
    readiness: {},
    isClosing: () => http.isClosing,
  });

  async function closeParts(): Promise<void> {
    await activities.close();
    await engine.stop();
    await downstream.close();
    reads.close();
    await redis?.close();
    alerts.close();
    loadGauge.stop();
    await tracing.close();
  }

  try {
    const [{ url }, { url: adminUrl }] = await Promise.all([http.listen(), adminServer.listen(), verifier.warm()]);
    logger.info({ url, adminUrl }, 'serving');
    return {
      url,
      adminUrl,
      async close(manner) {
        logger.info({ manner }, 'ending');
        await http.close(manner);
        await adminServer.close();
        await own.close();
        await closeParts();
      },
      onStray: (error, kind) => logger.error({ err: error, kind }, 'nobody caught this'),
    };
  } catch (error) {
    await Promise.allSettled([http.close('now'), adminServer.close(), own.close(), closeParts()]);
    throw error;
  }
}

/** What a first visit finds in the editor: a document that the client itself sends. */
function firstDocument([manifest]: ClientFiles['manifests']): { readonly defaultQuery?: string } {
  const document = manifest?.operations[0]?.body;
  return document === undefined ? {} : { defaultQuery: document };
}

function backgroundScope(clock: Clock) {
  return createCallScope({
    deadline: createDeadline({ budgetMs: backgroundBudgetMs, clock }),
    viewerId: null,
    authorization: null,
    correlationId: randomHex(16),
    clock,
  });
}
