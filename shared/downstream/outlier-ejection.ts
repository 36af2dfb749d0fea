import type { Instance } from './instance.ts';
import type { ServicePolicy } from './policy.ts';

type EjectionPolicy = Pick<ServicePolicy, 'ejectionFailures' | 'ejectionMs' | 'ejectionMaxMs' | 'maxEjectedRatio'>;

/** As slow as this looks an instance that would be ejected if there were enough others. */
const stayingPenaltyMs = 1000;

/** What the attempts themselves say about an instance, which a health check may not see: `/health` fine, business 500. */
export interface OutlierEjection {
  onSuccess(instance: Instance): void;
  /** Returns for how long the instance is ejected by this failure; 0 if it is not. */
  onFailure(instance: Instance, nowMs: number): number;
}

/** Ejects an instance after so many failed attempts in a row, for longer each time, and never more than a share of them all. */
export function createOutlierEjection(policy: EjectionPolicy, instances: () => readonly Instance[]): OutlierEjection {
  function mayEject(nowMs: number): boolean {
    let ejected = 0;
    const all = instances();
    for (const instance of all) if (instance.isEjected(nowMs)) ejected++;
    return ejected + 1 <= Math.floor(all.length * policy.maxEjectedRatio);
  }

  function eject(instance: Instance, nowMs: number): number {
    // One step is forgiven for each stretch of this length that it was in without being ejected.
    const calmSteps = Math.floor((nowMs - instance.ejectedUntilMs) / policy.ejectionMs);
    instance.ejections = Math.max(0, instance.ejections - calmSteps) + 1;
    const forMs = Math.min(policy.ejectionMaxMs, policy.ejectionMs * instance.ejections);
    instance.ejectedUntilMs = nowMs + forMs;
    instance.consecutiveFailures = 0;
    return forMs;
  }

  return {
    onSuccess(instance) {
      instance.consecutiveFailures = 0;
    },
    onFailure(instance, nowMs) {
      instance.consecutiveFailures++;
      if (policy.ejectionFailures === 0 || instance.consecutiveFailures < policy.ejectionFailures) return 0;
      // Attempts that were under way when it was ejected fail after it; they eject it no further.
      if (instance.isEjected(nowMs)) return 0;
      if (mayEject(nowMs)) return eject(instance, nowMs);
      // It stays, for want of others; failing fast it would look like the fastest and draw the calls to itself.
      instance.latency.observe(stayingPenaltyMs, nowMs);
      return 0;
    },
  };
}
