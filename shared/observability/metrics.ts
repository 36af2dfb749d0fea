import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { createImageMetrics, type ImageMetrics } from './image-metrics.ts';
import { createLabelSet } from './label-set.ts';

/** Seconds: a home screen from the cache takes 2 ms, a dashboard may take its whole 8 s. */
const latencyBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const batchBuckets = [1, 2, 5, 10, 20, 50, 100];

export interface RequestFigures {
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  /** Whether somebody signed in says so; strangers' names take up no label. */
  readonly isTrusted: boolean;
  /** `ok`, `partial` (200 with errors), `error` (another status), `refused`, or `left`: by the client, before its answer. */
  readonly outcome: 'ok' | 'partial' | 'error' | 'refused' | 'left';
  readonly durationMs: number;
  readonly errorCodes: readonly string[];
}

/** What this process counts, by name; every label's values are bounded. */
export interface Metrics {
  request(figures: RequestFigures): void;
  deprecatedField(field: string, clientName: string | null, clientVersion: string | null): void;
  /** `durationMs`: null for a call of which no attempt was made. */
  downstreamCall(service: string, outcome: string, durationMs: number | null): void;
  downstreamAttempt(service: string, outcome: string): void;
  downstreamRepeat(service: string, kind: 'retry' | 'hedge' | 'refused'): void;
  /** 0 closed, 1 half-open, 2 open. */
  breaker(service: string, state: 'closed' | 'half-open' | 'open'): void;
  mode(service: string, mode: 'normal' | 'fallback' | 'off'): void;
  cacheLookup(read: string, result: string, count: number): void;
  redis(isUp: boolean): void;
  /** Entries that Redis had and nobody could read, or that it did not take. */
  cacheLoss(read: string, kind: 'unreadable' | 'not-stored', count: number): void;
  /** Drops that wait for Redis. */
  pendingDrops(count: number): void;
  batch(service: string, keyCount: number): void;
  degraded(count: number): void;
  dropped(what: string, count: number): void;
  alert(name: string, service: string, isFiring: boolean): void;
  /** The share of requests that is turned away for load, 0 to 1. */
  shedding(ratio: number): void;
  readonly images: ImageMetrics;
  /** Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  readonly withProcess?: boolean;
  /** Whose figures stand at 0 from the start: a counter that first shows at 5 has not increased, as Prometheus sees it. */
  readonly services?: readonly string[];
}

/** Counts with prom-client in a registry of its own, so that two servers in one process do not share figures. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registers = [new Registry()];
  const [registry] = registers;
  if (registry === undefined) throw new Error('no registry');
  if (options.withProcess ?? true) collectDefaultMetrics({ register: registry, prefix: 'bff_' });

  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });

  const requests = counter('bff_requests_total', 'GraphQL requests by client and outcome.', [
    'client',
    'version',
    'outcome',
  ]);
  const durations = new Histogram({
    name: 'bff_request_duration_seconds',
    help: 'Time from the headers to the answer.',
    labelNames: ['client'],
    buckets: latencyBuckets,
    registers,
  });
  const errors = counter('bff_errors_total', 'Errors in answers and refusals, by code.', ['code']);
  const deprecated = counter('bff_deprecated_field_uses_total', 'Who still asks for a deprecated field.', [
    'field',
    'client',
    'version',
  ]);
  const calls = counter('bff_downstream_calls_total', 'Calls to a service, its attempts together.', [
    'service',
    'outcome',
  ]);
  const callDurations = new Histogram({
    name: 'bff_downstream_duration_seconds',
    help: 'Time that a call to a service took, its attempts together.',
    labelNames: ['service'],
    buckets: latencyBuckets,
    registers,
  });
  const attempts = counter('bff_downstream_attempts_total', 'Single attempts on an instance.', ['service', 'outcome']);
  const repeats = counter('bff_downstream_repeats_total', 'Retries, hedges, and repeats that the budget refused.', [
    'service',
    'kind',
  ]);
  const breakers = gauge('bff_breaker_state', '0 closed, 1 half-open, 2 open.', ['service']);
  const modes = gauge('bff_service_mode', 'Night switches: 0 normal, 1 fallback, 2 off.', ['service']);
  const lookups = counter('bff_cache_lookups_total', 'Keys looked up, by what was found.', ['read', 'result']);
  const redisUp = gauge(
    'bff_redis_up',
    '1 while Redis is asked; 0 while it hangs, is away, or where there is none.',
    [],
  );
  const losses = counter('bff_cache_losses_total', 'Entries that Redis held unreadable, or did not take.', [
    'read',
    'kind',
  ]);
  const pendingDrops = gauge('bff_cache_pending_drops', 'Drops after writes that Redis has not taken yet.', []);
  const batches = new Histogram({
    name: 'bff_batch_size',
    help: 'Keys in one call to a service.',
    labelNames: ['service'],
    buckets: batchBuckets,
    registers,
  });
  const degraded = counter('bff_degraded_values_total', 'Values that were served kept or by default.', []);
  const drops = counter('bff_dropped_total', 'What a full buffer or an exporter had to drop.', ['what']);
  const alerts = gauge('bff_alert', '1 while the alert holds.', ['name', 'service']);
  const shedding = gauge('bff_shedding_ratio', 'The share of requests that is turned away for load.', []);

  const clientNames = createLabelSet(20);
  const clientVersions = createLabelSet(100);
  const codes = createLabelSet(60);
  const fields = createLabelSet(200);
  const services = createLabelSet(50);
  const outcomes = createLabelSet(60);
  const reads = createLabelSet(100);
  const others = createLabelSet(60);

  for (const service of options.services ?? []) {
    const label = services.admit(service);
    calls.inc({ service: label, outcome: outcomes.admit('answer') }, 0);
    calls.inc({ service: label, outcome: outcomes.admit('no-instance') }, 0);
    callDurations.zero({ service: label });
    attempts.inc({ service: label, outcome: outcomes.admit('timeout') }, 0);
    repeats.inc({ service: label, kind: 'retry' }, 0);
    breakers.set({ service: label }, 0);
    modes.set({ service: label }, 0);
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    request(figures) {
      const { clientName, clientVersion, isTrusted, outcome } = figures;
      const client = isTrusted ? clientNames.admit(clientName) : clientNames.recall(clientName);
      const version = isTrusted ? clientVersions.admit(clientVersion) : clientVersions.recall(clientVersion);
      requests.inc({ client, version, outcome });
      durations.observe({ client }, figures.durationMs / 1000);
      for (const code of figures.errorCodes) errors.inc({ code: codes.admit(code) });
    },
    deprecatedField: (field, clientName, clientVersion) =>
      deprecated.inc({
        field: fields.admit(field),
        client: clientNames.recall(clientName),
        version: clientVersions.recall(clientVersion),
      }),
    downstreamCall(service, outcome, durationMs) {
      const label = services.admit(service);
      calls.inc({ service: label, outcome: outcomes.admit(outcome) });
      if (durationMs !== null) callDurations.observe({ service: label }, durationMs / 1000);
    },
    downstreamAttempt: (service, outcome) =>
      attempts.inc({ service: services.admit(service), outcome: outcomes.admit(outcome) }),
    downstreamRepeat: (service, kind) => repeats.inc({ service: services.admit(service), kind }),
    breaker: (service, state) =>
      breakers.set({ service: services.admit(service) }, ['closed', 'half-open', 'open'].indexOf(state)),
    mode: (service, mode) =>
      modes.set({ service: services.admit(service) }, ['normal', 'fallback', 'off'].indexOf(mode)),
    cacheLookup: (read, result, count) => lookups.inc({ read: reads.admit(read), result: others.admit(result) }, count),
    redis: (isUp) => redisUp.set(isUp ? 1 : 0),
    cacheLoss: (read, kind, count) => losses.inc({ read: reads.admit(read), kind }, count),
    pendingDrops: (count) => pendingDrops.set(count),
    batch: (service, keyCount) => batches.observe({ service: services.admit(service) }, keyCount),
    degraded: (count) => degraded.inc(count),
    dropped: (what, count) => drops.inc({ what: others.admit(what) }, count),
    alert: (name, service, isFiring) =>
      alerts.set({ name: others.admit(name), service: services.admit(service) }, isFiring ? 1 : 0),
    shedding: (ratio) => shedding.set(ratio),
    images: createImageMetrics(registers),
  };
}
