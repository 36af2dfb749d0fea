import type { CountCall } from './services/fault-plan.ts';

interface ServiceCalls {
  total: number;
  routes: Record<string, number>;
  instances: Record<string, number>;
}

export interface Calls {
  count: CountCall;
  report(): { total: number; services: Record<string, ServiceCalls> };
  clear(): void;
}

/** Counts what each service was asked since the last `clear`. */
export function createCalls(services: readonly string[]): Calls {
  let counts = new Map<string, Map<string, number>>();

  function countsOf(scope: string): Record<string, number> {
    return Object.fromEntries([...(counts.get(scope) ?? [])].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }

  function raise(scope: string, name: string): void {
    const own = counts.get(scope) ?? new Map<string, number>();
    own.set(name, (own.get(name) ?? 0) + 1);
    counts.set(scope, own);
  }

  return {
    count({ service, instance, route }) {
      raise(`${service}/routes`, route);
      raise(`${service}/instances`, instance);
    },
    report() {
      const reported = services.map((service): [string, ServiceCalls] => {
        const routes = countsOf(`${service}/routes`);
        const total = Object.values(routes).reduce((sum, count) => sum + count, 0);
        return [service, { total, routes, instances: countsOf(`${service}/instances`) }];
      });
      const total = reported.reduce((sum, [, calls]) => sum + calls.total, 0);
      return { total, services: Object.fromEntries(reported) };
    },
    clear() {
      counts = new Map();
    },
  };
}
