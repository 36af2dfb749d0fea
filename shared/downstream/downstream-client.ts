import { type Clock, systemClock } from '../clock.ts';
import type { InstanceSource } from './discovery.ts';
import type { Downstream } from './downstream.ts';
import { type DownstreamEvents, guardEvents } from './events.ts';
import { openInstancePool } from './instance-pool.ts';
import { defaultServicePolicy, type ServicePolicy } from './policy.ts';
import type { ServiceToken } from './request-headers.ts';
import { createServiceClient, type ServiceClient, type ServiceClientDeps } from './service-client.ts';
import type { ModeState, ServiceMode } from './service-mode.ts';
import type { ServiceSnapshot } from './service-stats.ts';
import { createStallMeter, type StallMeterOptions, stallMeterDefaults } from './stall-meter.ts';

/** One service: where its instances are, and what of its policy is not as by default. */
export interface ServiceOptions {
  readonly instances: InstanceSource;
  readonly policy?: Partial<ServicePolicy>;
}

export interface DownstreamOptions {
  readonly services: Readonly<Record<string, ServiceOptions>>;
  /** Sent as a bearer token where an endpoint's identity is `service`; none is sent where this is not given. */
  readonly serviceToken?: ServiceToken;
  readonly stallToleranceMs?: StallMeterOptions['toleranceMs'] | undefined;
  readonly clock?: Clock;
  /** In [0, 1), for jitter and choices. */
  readonly random?: () => number;
  readonly events?: DownstreamEvents;
  /** How the connections to one instance are opened; undici's Pool by default. */
  readonly openPool?: ServiceClientDeps['openPool'];
}

/** The services, with what their operators need. */
export interface DownstreamClient extends Downstream {
  /** The state of every service, for `GET /health`. */
  snapshot(): readonly ServiceSnapshot[];
  /**
   * Whether asking is not worth it: less is left than the service's p95 of the last 60 s. False below 20 samples, and for
   * 1 in 20 all the same, or a service that got faster would never be seen to be. For optional sections with a fallback only.
   */
  shouldSkip(service: string, leftMs: number): boolean;
  /** Whether a call would be let out: false while the breaker is open and while a night switch keeps reads in. */
  isAsked(service: string): boolean;
  /** Turns a night switch. @throws RangeError for a service that is not there or a time that is none. */
  setMode(service: string, mode: ServiceMode, forMs: number): ModeState;
  /** Waits for what is under way, at most 5 s, and closes every connection. */
  close(): Promise<void>;
}

/** Opens the way to the services. */
export function createDownstream(options: DownstreamOptions): DownstreamClient {
  const clock = options.clock ?? systemClock;
  const stallMeter = createStallMeter(clock, {
    toleranceMs: options.stallToleranceMs ?? stallMeterDefaults.toleranceMs,
  });
  const deps: ServiceClientDeps = {
    clock,
    stallMeter,
    random: options.random ?? Math.random,
    events: guardEvents(options.events ?? {}),
    serviceToken: options.serviceToken,
    openPool: options.openPool ?? ((address, policy) => openInstancePool(address, policy, { clock, stallMeter })),
  };
  const clients = new Map<string, ServiceClient>();
  for (const [service, { instances, policy }] of Object.entries(options.services)) {
    clients.set(
      service,
      createServiceClient(service, deps, { source: instances, policy: { ...defaultServicePolicy, ...policy } }),
    );
  }

  function unknownService(service: string): RangeError {
    return new RangeError(`There is no service "${service}"; the services are ${[...clients.keys()].join(', ')}.`);
  }

  function clientOf(service: string): ServiceClient {
    const client = clients.get(service);
    if (!client) throw unknownService(service);
    return client;
  }

  return {
    call(endpoint, call, scope) {
      const client = clients.get(endpoint.service);
      return client ? client.call(endpoint, call, scope) : Promise.reject(unknownService(endpoint.service));
    },
    snapshot: () => [...clients.values()].map((client) => client.snapshot()),
    shouldSkip: (service, leftMs) => clientOf(service).shouldSkip(leftMs),
    isAsked: (service) => clientOf(service).isAsked(),
    setMode: (service, mode, forMs) => clientOf(service).setMode(mode, forMs),
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}
