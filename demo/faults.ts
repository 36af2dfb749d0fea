import type { DecideFault, FaultPlan } from './services/fault-plan.ts';
import { createRandom, type Random } from './world/random.ts';

/** A fault as it was asked for; without an instance or a route it is about all of them. */
export interface FaultRule extends FaultPlan {
  instance?: string;
  /** As the calls are counted: `GET /products`. */
  route?: string;
  /** From 0 to 1; 1 where it is not given. */
  rate?: number;
  /** Ends by itself after this time. */
  forMs?: number;
}

export interface ActiveFault extends FaultRule {
  service: string;
  /** How many requests it has met so far. */
  hits: number;
}

export interface Faults {
  decide: DecideFault;
  /** Takes the place of an earlier rule for the same service, instance and route. */
  put(service: string, rule: FaultRule): ActiveFault[];
  list(): ActiveFault[];
  clear(service?: string): void;
}

interface Entry {
  service: string;
  rule: FaultRule;
  random: Random;
  endsAtMs: number;
  hits: number;
}

/** The checks of a load balancer fail only when a rule names them. */
const spared = new Set(['GET /health', 'GET /openapi.json']);

function specificity(rule: FaultRule): number {
  return (rule.instance === undefined ? 0 : 2) + (rule.route === undefined ? 0 : 1);
}

function concerns(entry: Entry, request: { service: string; instance: string; route: string }): boolean {
  const { rule } = entry;
  if (entry.service !== request.service) return false;
  if (rule.instance !== undefined && rule.instance !== request.instance) return false;
  return rule.route === undefined ? !spared.has(request.route) : rule.route === request.route;
}

/** The faults that are switched on. The rate is drawn from the seed: the same run meets the same faults. */
export function createFaults(options: { seed: number; monotonicMs: () => number }): Faults {
  let entries: Entry[] = [];

  function prune(): void {
    const now = options.monotonicMs();
    entries = entries.filter((entry) => entry.endsAtMs > now);
  }

  function list(): ActiveFault[] {
    prune();
    return entries.map(({ service, rule, hits }) => ({ service, ...rule, hits }));
  }

  return {
    list,
    decide(request) {
      if (entries.length === 0) return null;
      prune();
      for (const entry of entries) {
        if (!concerns(entry, request)) continue;
        if (entry.rule.rate !== undefined && entry.random.next() >= entry.rule.rate) continue;
        entry.hits += 1;
        return entry.rule;
      }
      return null;
    },
    put(service, rule) {
      const scope = `${service}/${rule.instance ?? '*'}/${rule.route ?? '*'}`;
      const others = entries.filter(
        (entry) => `${entry.service}/${entry.rule.instance ?? '*'}/${entry.rule.route ?? '*'}` !== scope,
      );
      const endsAtMs = rule.forMs === undefined ? Number.POSITIVE_INFINITY : options.monotonicMs() + rule.forMs;
      const random = createRandom(options.seed, `faults/${scope}`);
      entries = [...others, { service, rule, random, endsAtMs, hits: 0 }].toSorted(
        (left, right) => specificity(right.rule) - specificity(left.rule),
      );
      return list();
    },
    clear(service) {
      entries = service === undefined ? [] : entries.filter((entry) => entry.service !== service);
    },
  };
}
