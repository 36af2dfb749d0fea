import { type Balancer, createBalancer } from './balancer.ts';
import { type InstanceAddress, type InstanceSource, startDiscovery } from './discovery.ts';
import type { DownstreamEvents } from './events.ts';
import { startHealthCheck } from './health-check.ts';
import type { ExchangeSetting } from './http-exchange.ts';
import { Instance } from './instance.ts';
import type { InstancePool } from './instance-pool.ts';
import { createOutlierEjection } from './outlier-ejection.ts';
import type { ServicePolicy } from './policy.ts';

export interface InstanceSetDeps extends ExchangeSetting {
  readonly random: () => number;
  readonly events: DownstreamEvents;
  openPool(address: InstanceAddress, policy: ServicePolicy): InstancePool;
}

/** The instances of one service: found, checked, ejected and chosen from. */
export interface InstanceSet {
  pick: Balancer['pick'];
  /** Settles when the first list is there, or could not be had. */
  readonly ready: Promise<void>;
  onSuccess(instance: Instance): void;
  onFailure(instance: Instance): void;
  list(): readonly Instance[];
  close(): Promise<void>;
}

interface Member {
  readonly instance: Instance;
  stopCheck(): void;
}

export function createInstanceSet(
  service: string,
  deps: InstanceSetDeps,
  options: { readonly source: InstanceSource; readonly policy: ServicePolicy },
): InstanceSet {
  const { clock, events } = deps;
  const { source, policy } = options;
  const members = new Map<string, Member>();
  let instances: readonly Instance[] = [];

  const balancer = createBalancer(policy, { random: deps.random, instances: () => instances });
  const ejection = createOutlierEjection(policy, () => instances);

  function join(address: InstanceAddress): Member {
    const instance = new Instance(address, deps.openPool(address, policy), policy.latencyDecayMs);
    const stopCheck = startHealthCheck(instance, { ...deps, onChange: onHealth }, policy);
    return { instance, stopCheck };
  }

  function onHealth(instance: Instance, because: string): void {
    balancer.refresh();
    events.onHealth?.({ service, instance: instance.address.id, isHealthy: instance.isHealthy, because });
  }

  function retire({ instance, stopCheck }: Member): Promise<void> {
    stopCheck();
    // What is under way may end; a connection that does not is cut when no attempt can be waiting for it any more.
    const cancelCut = clock.schedule(policy.attemptTimeoutMs, () => void instance.pool.destroy());
    return instance.pool.close().finally(cancelCut);
  }

  function onInstances(addresses: readonly InstanceAddress[]): void {
    const wanted = new Map(addresses.map((address) => [address.id, address]));
    const gone = [...members].filter(([id]) => !wanted.has(id));
    const come = [...wanted].filter(([id]) => !members.has(id));
    if (gone.length === 0 && come.length === 0) return;
    for (const [id, member] of gone) {
      members.delete(id);
      void retire(member);
    }
    for (const [id, address] of come) members.set(id, join(address));
    instances = [...members.values()].map((member) => member.instance);
    balancer.refresh();
    events.onInstances?.({ service, instances: [...members.keys()] });
  }

  const discovery = startDiscovery(service, source, {
    clock,
    intervalMs: policy.discoveryIntervalMs,
    onInstances,
    onFailure: (error, hasList) => events.onDiscoveryFailure?.({ service, error, hasList }),
    onRecovery: () => events.onDiscoveryRecovery?.({ service }),
  });

  return {
    pick: balancer.pick,
    ready: discovery.first,
    onSuccess: ejection.onSuccess,
    onFailure(instance) {
      const nowMs = clock.nowMs();
      const forMs = ejection.onFailure(instance, nowMs);
      if (forMs === 0) return;
      balancer.refresh();
      events.onEjection?.({ service, instance: instance.address.id, forMs });
    },
    list: () => instances,
    async close() {
      discovery.close();
      const leaving = [...members.values()];
      members.clear();
      instances = [];
      balancer.refresh();
      await Promise.all(leaving.map(retire));
    },
  };
}
