import type { InstanceAddress } from './discovery.ts';
import type { InstancePool } from './instance-pool.ts';
import { PeakLatency } from './peak-latency.ts';

/** The state of one instance, for `GET /health`. */
export interface InstanceSnapshot {
  /** Host and port. */
  readonly id: string;
  readonly state: 'up' | 'ejected' | 'unhealthy';
  readonly inFlight: number;
  /** The decaying peak that the balancer compares by. */
  readonly latencyMs: number;
}

/** One instance of a service: its connections, and what is known about it. */
export class Instance {
  readonly address: InstanceAddress;
  readonly pool: InstancePool;
  readonly latency: PeakLatency;
  /** Attempts under way. */
  inFlight = 0;
  /** When the first of these was given to it. */
  busySinceMs = 0;
  consecutiveFailures = 0;
  /** How often it was ejected of late; each time lengthens the next. */
  ejections = 0;
  /** 0 if it never was. */
  ejectedUntilMs = 0;
  /** What its active checks say. */
  isHealthy = true;

  constructor(address: InstanceAddress, pool: InstancePool, decayMs: number) {
    this.address = address;
    this.pool = pool;
    this.latency = new PeakLatency(decayMs);
  }

  /** For how long nothing has been heard of it while it had something to answer. */
  silentMs(nowMs: number): number {
    return this.inFlight === 0 ? 0 : nowMs - Math.max(this.busySinceMs, this.latency.observedAtMs);
  }

  isEjected(nowMs: number): boolean {
    return nowMs < this.ejectedUntilMs;
  }

  snapshot(nowMs: number): InstanceSnapshot {
    return {
      id: this.address.id,
      state: this.isEjected(nowMs) ? 'ejected' : this.isHealthy ? 'up' : 'unhealthy',
      inFlight: this.inFlight,
      latencyMs: this.latency.valueMs(nowMs),
    };
  }
}
