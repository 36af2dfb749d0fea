/** Every figure of one service's policies, as data. One flat table, so that `GET /health` can show it and a setting can name any line of it. */
export interface ServicePolicy {
  /** Attempts of one call in all, the first included. 1 switches retries off. */
  readonly attempts: number;
  /** Full jitter: the first wait is a random share of this, doubled for each further one. */
  readonly backoffBaseMs: number;
  /** The longest backoff, and the longest `Retry-After` that is waited for: one that asks for more ends the call. */
  readonly backoffCapMs: number;
  /** Retries and hedges allowed for each call, on top of `retryBudgetPerSecond`. */
  readonly retryBudgetRatio: number;
  /** Retries and hedges allowed each second whatever the traffic, so that a quiet service can be retried at all. `Infinity` switches the budget off. */
  readonly retryBudgetPerSecond: number;

  /** The longest an attempt may take, from its start to the last byte of its answer. */
  readonly attemptTimeoutMs: number;
  /** Whether idempotent calls wait only for as long as the service has lately taken. */
  readonly isTimeoutAdaptive: boolean;
  readonly adaptiveTimeoutSamples: number;
  readonly adaptiveTimeoutFactor: number;
  readonly adaptiveTimeoutFloorMs: number;
  /** No attempt starts with less than this left of the request's deadline. */
  readonly minAttemptMs: number;
  readonly connectTimeoutMs: number;

  readonly hasBreaker: boolean;
  readonly breakerFailures: number;
  readonly breakerFailureRatio: number;
  readonly breakerWindowMs: number;
  readonly breakerOpenMs: number;
  /** The share by which `breakerOpenMs` is lengthened or shortened at random. */
  readonly breakerOpenJitter: number;
  readonly breakerCloseAfter: number;

  /** Attempts under way at once. `Infinity` switches the bulkhead off. */
  readonly maxInFlight: number;
  readonly maxQueued: number;
  readonly queueWaitMs: number;

  /** Whether a slow read is asked a second time while the first attempt goes on: of endpoints that ask for it, and for optional sections. */
  readonly isHedging: boolean;
  /** Attempts that must have been seen in the last 60 s before their p95 is believed. */
  readonly hedgeMinSamples: number;

  /** `two-choice`: of two random instances the one that looks faster. `round-robin` is there to be compared with. */
  readonly balancing: 'two-choice' | 'round-robin';
  /** The half-life, so to say, of what is known about an instance's latency. */
  readonly latencyDecayMs: number;
  /** Consecutive failed attempts that eject an instance. 0 switches ejection off. */
  readonly ejectionFailures: number;
  /** An instance is out for this long at its first ejection, twice that at its second, and so on. */
  readonly ejectionMs: number;
  readonly ejectionMaxMs: number;
  /** The largest share of instances that may be ejected. */
  readonly maxEjectedRatio: number;
  /** With a smaller share of usable instances than this, all are used: a check that fails everywhere says more about the check. */
  readonly panicRatio: number;
  /** 0 switches active health checks off. */
  readonly healthCheckIntervalMs: number;
  readonly healthCheckTimeoutMs: number;
  readonly healthCheckPath: string;
  /** Failed checks in a row that take an instance out, and passed ones that bring it back. */
  readonly healthDownAfter: number;
  readonly healthUpAfter: number;
  /** The age at which a DNS answer or a registry's list is asked for again. */
  readonly discoveryIntervalMs: number;

  /** The largest answer, decoded. */
  readonly maxBodyBytes: number;
  /** How long an idle connection is kept; shorter than a Node server's own 5 s, which would close it under a request. */
  readonly keepAliveMs: number;
}

export const defaultServicePolicy: ServicePolicy = {
  // SRE book, AWS: two repeats clear what is transient, a third mostly adds load.
  attempts: 3,
  backoffBaseMs: 100,
  // A longer wait would not fit into the phone's 3 s.
  backoffCapMs: 1000,
  // Envoy and Finagle agree: an outage may cost the service at most a fifth more calls.
  retryBudgetRatio: 0.2,
  retryBudgetPerSecond: 10,

  attemptTimeoutMs: 5000,
  // Off by default: a fixed timeout is easier to reason about; a service with steady latency turns it on.
  isTimeoutAdaptive: false,
  adaptiveTimeoutSamples: 100,
  adaptiveTimeoutFactor: 1.2,
  // Without a floor a harmless step from 20 to 400 ms opens the breaker again and again.
  adaptiveTimeoutFloorMs: 1000,
  // Less than this is not enough for one round trip and an answer.
  minAttemptMs: 100,
  // A dead host must not eat the budget.
  connectTimeoutMs: 1000,

  hasBreaker: true,
  // A minimum COUNT rather than a minimum volume: low traffic is protected too.
  breakerFailures: 5,
  // Five in a row alone opens falsely at volume: every 4 s at 20 % errors and 1000 calls a second.
  breakerFailureRatio: 0.5,
  breakerWindowMs: 10_000,
  breakerOpenMs: 60_000,
  // Replicas that opened together must not probe together.
  breakerOpenJitter: 0.2,
  breakerCloseAfter: 3,

  maxInFlight: 100,
  maxQueued: 100,
  // A queue absorbs a burst; who waits longer than this is in an overload.
  queueWaitMs: 50,

  isHedging: true,
  hedgeMinSamples: 20,

  balancing: 'two-choice',
  // Finagle's.
  latencyDecayMs: 10_000,
  // These four are Envoy's.
  ejectionFailures: 5,
  ejectionMs: 30_000,
  ejectionMaxMs: 300_000,
  maxEjectedRatio: 0.5,
  panicRatio: 0.5,
  healthCheckIntervalMs: 10_000,
  healthCheckTimeoutMs: 2000,
  healthCheckPath: '/health',
  healthDownAfter: 2,
  healthUpAfter: 2,
  // A rolling deployment replaces an instance in about this time.
  discoveryIntervalMs: 10_000,

  maxBodyBytes: 5_000_000,
  keepAliveMs: 4000,
};
