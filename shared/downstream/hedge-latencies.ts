import type { Endpoint } from './endpoint.ts';
import { LatencyWindow } from './latency-window.ts';

/** For each endpoint that asks for hedges, how long its attempts took: by the p95 of quicker ones, a slow one's every read would be asked twice. */
export function createHedgeLatencies(): (endpoint: Endpoint) => LatencyWindow | undefined {
  const windows = new Map<Endpoint, LatencyWindow>();
  return (endpoint) => {
    if (!endpoint.isHedged) return undefined;
    let window = windows.get(endpoint);
    if (!window) {
      window = new LatencyWindow();
      windows.set(endpoint, window);
    }
    return window;
  };
}
