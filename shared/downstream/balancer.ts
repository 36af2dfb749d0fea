import type { Instance } from './instance.ts';
import type { ServicePolicy } from './policy.ts';

export interface Balancer {
  /** The instance for the next attempt, another than those tried while there is one; undefined where there are none at all. */
  pick(tried: readonly Instance[], nowMs: number): Instance | undefined;
  /** The instances, their health or their ejections have changed. */
  refresh(): void;
}

/** More than any latency: an instance of which nothing is known, or nothing any more, gets one call to learn from, not all of them at once. */
const unknownLatencyMs = 1_000_000;

/**
 * What the next call to an instance would cost; in-flight calls alone cannot see a slow instance at low load. One that hangs has
 * no latency yet: what it was known by decays until it looks quicker than all others, so that its silence counts as one.
 */
export function loadOf(instance: Instance, nowMs: number): number {
  const knownMs = instance.latency.valueMs(nowMs);
  if (knownMs === 0) return instance.inFlight === 0 ? 0 : unknownLatencyMs + instance.inFlight;
  return Math.max(knownMs, instance.silentMs(nowMs)) * (instance.inFlight + 1);
}

/**
 * Of two random instances takes the one with the lower load: nearly as good as the least loaded of all, and without every
 * replica of this server running to the same one. Uses the healthy ones, or all of them where too few are.
 */
export function createBalancer(
  policy: Pick<ServicePolicy, 'balancing' | 'panicRatio'>,
  deps: { readonly random: () => number; instances(): readonly Instance[] },
): Balancer {
  const { random } = deps;
  let usable: readonly Instance[] = [];
  /** When the first ejection ends, and the list must be made again. */
  let validUntilMs = 0;
  let turn = 0;

  function list(nowMs: number): readonly Instance[] {
    const all = deps.instances();
    validUntilMs = Infinity;
    const well = all.filter((instance) => {
      if (instance.isEjected(nowMs)) validUntilMs = Math.min(validUntilMs, instance.ejectedUntilMs);
      return instance.isHealthy && !instance.isEjected(nowMs);
    });
    return well.length < all.length * policy.panicRatio ? all : well;
  }

  function choose(from: readonly Instance[], nowMs: number): Instance | undefined {
    if (from.length < 2) return from[0];
    if (policy.balancing === 'round-robin') return from[turn++ % from.length];
    const first = Math.floor(random() * from.length);
    let second = Math.floor(random() * (from.length - 1));
    if (second >= first) second++;
    const [a, b] = [from[first], from[second]];
    return a && b && loadOf(b, nowMs) < loadOf(a, nowMs) ? b : a;
  }

  function find(tried: readonly Instance[], nowMs: number): Instance | undefined {
    if (nowMs >= validUntilMs) usable = list(nowMs);
    if (tried.length === 0) return choose(usable, nowMs);
    const isUntried = (instance: Instance): boolean => !tried.includes(instance);
    // One that is out may be well again; one that was tried has failed this very call.
    return (
      choose(usable.filter(isUntried), nowMs) ??
      choose(deps.instances().filter(isUntried), nowMs) ??
      choose(usable, nowMs)
    );
  }

  return {
    pick(tried, nowMs) {
      const picked = find(tried, nowMs);
      if (picked?.inFlight === 0) picked.busySinceMs = nowMs;
      return picked;
    },
    refresh() {
      validUntilMs = 0;
    },
  };
}
