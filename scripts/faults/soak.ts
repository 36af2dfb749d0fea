import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FaultRule } from '../../demo/faults.ts';
import type { ServiceName } from '../../demo/shop.ts';
import type { Lab, ServerUnderFault } from './lab.ts';
import { askMany, pause, productQuery } from './outcome.ts';

/** The load's own eight connections, both ends of them, which either side may just have closed or opened. */
export const keptAlive = 16;

/** Any of the faults that the shop can be told to have. */
const faults: readonly FaultRule[] = [
  { status: 503, rate: 0.5 },
  { status: 500 },
  { reset: true, rate: 0.5 },
  { malformed: true, rate: 0.3 },
  { malformed: 'html', rate: 0.3 },
  { malformed: 'empty', rate: 0.3 },
  { delayMs: 400, rate: 0.5 },
  { hang: true, rate: 0.1 },
  { status: 429, retryAfterSeconds: 1, rate: 0.3 },
  { status: 404, rate: 0.2 },
];

const services: readonly ServiceName[] = [
  'users',
  'catalog',
  'recommendations',
  'orders',
  'analytics',
  'notifications',
];

export interface Soak {
  readonly minutes: number;
  readonly requests: number;
  /** Of the heap after a collection, over the last two thirds, by least squares. */
  readonly slopeMbPerMinute: number;
  /** The upper end of the slope's 95 % interval. */
  readonly slopeUpperMb: number;
  readonly sockets: { readonly before: number; readonly after: number };
  readonly timers: { readonly before: number; readonly after: number };
}

/** Random faults at random services for so long, and what that leaves behind (F88). */
export async function runSoak(lab: Lab, server: ServerUnderFault, minutes: number): Promise<Soak> {
  const collect = exposeCollector();
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => lab.shop.token(`user-${index + 1}`)));
  const load = (count: number) =>
    askMany(server, count, { atOnce: 8, ask: { token: tokens[Math.floor(Math.random() * tokens.length)] ?? '' } });
  await load(200);
  await settle();
  const before = { sockets: countResources('TCPSocketWrap'), timers: countResources('Timeout') };
  const samples: { minute: number; mb: number }[] = [];
  const startedAtMs = performance.now();
  const elapsed = (): number => (performance.now() - startedAtMs) / 60_000;
  const sampleEveryMinutes = minutes / 60;
  let requests = 0;

  while (elapsed() < minutes) {
    const service = services[Math.floor(Math.random() * services.length)] ?? 'catalog';
    lab.fault(service, { ...(faults[Math.floor(Math.random() * faults.length)] ?? { status: 500 }) });
    await load(40);
    requests += 40;
    if (Math.random() < 0.4) lab.mend();
    if (elapsed() < samples.length * sampleEveryMinutes) continue;
    collect();
    samples.push({ minute: elapsed(), mb: process.memoryUsage().heapUsed / 1e6 });
  }
  lab.mend();
  await load(50);
  await settle();
  const after = { sockets: countResources('TCPSocketWrap'), timers: countResources('Timeout') };
  return {
    minutes,
    requests,
    ...slopeOf(samples.slice(Math.floor(samples.length / 3))),
    sockets: { before: before.sockets, after: after.sockets },
    timers: { before: before.timers, after: after.timers },
  };
}

/** Idle connections are kept for 4 s. */
async function settle(): Promise<void> {
  await pause(6000);
}

function countResources(kind: string): number {
  return process.getActiveResourcesInfo().filter((name) => name === kind).length;
}

/** Without a flag on the command line. */
function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function slopeOf(samples: readonly { minute: number; mb: number }[]): {
  slopeMbPerMinute: number;
  slopeUpperMb: number;
} {
  const count = samples.length;
  const meanX = samples.reduce((sum, { minute }) => sum + minute, 0) / count;
  const meanY = samples.reduce((sum, { mb }) => sum + mb, 0) / count;
  const spread = samples.reduce((sum, { minute }) => sum + (minute - meanX) ** 2, 0);
  const slope = samples.reduce((sum, { minute, mb }) => sum + (minute - meanX) * (mb - meanY), 0) / spread;
  const residual = samples.reduce((sum, { minute, mb }) => sum + (mb - meanY - slope * (minute - meanX)) ** 2, 0);
  const error = Math.sqrt(residual / Math.max(1, count - 2) / spread);
  return { slopeMbPerMinute: round(slope), slopeUpperMb: round(slope + 1.96 * error) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** 10 % of random errors at volume (F38): the share of requests that succeed, in percent. */
export async function runErrorsAtVolume(lab: Lab, server: ServerUnderFault, count: number): Promise<number> {
  lab.fault('catalog', { status: 503, rate: 0.1 });
  const outcomes = await askMany(server, count, { query: productQuery, ask: { token: lab.token }, atOnce: 8 });
  lab.mend();
  return (100 * (outcomes.get('success') ?? 0)) / count;
}
