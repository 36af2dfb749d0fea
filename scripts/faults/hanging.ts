import { readFileSync } from 'node:fs';
import type { ServiceName } from '../../demo/shop.ts';
import type { Lab, StartOptions } from './lab.ts';
import { timed, until } from './outcome.ts';

const home = readFileSync(new URL('../../schema/operations/mobile/home.graphql', import.meta.url), 'utf8');

/** Of answers, in milliseconds; where they were asked for in several rounds, the middle round’s. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** How long the phone's home screen takes. */
export interface HangingRun {
  readonly healthy: Quantiles;
  /** While one service takes requests and answers none, until its breaker opens. */
  readonly untilOpen: Quantiles;
  /** And after that, when the calls from before it opened have ended. */
  readonly onceOpen: Quantiles;
}

export interface HangingOptions {
  /** In each round. */
  readonly requests: number;
  readonly rounds: number;
}

/** What one hanging service costs whole answers. Nothing is kept, so that each of them asks: the worst case. Attempts are short, so that it opens soon. */
export async function measureHanging(
  lab: Lab,
  service: ServiceName,
  { requests, rounds }: HangingOptions,
): Promise<HangingRun> {
  const options: StartOptions = {
    client: 'mobile',
    cache: { isCaching: false },
    policy: { healthCheckIntervalMs: 0, attemptTimeoutMs: 500 },
  };
  const server = await lab.start(options);
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => lab.shop.token(`user-${index + 1}`)));
  let turn = 0;

  /** Asks so many times, eight at once, or until it is so. */
  async function load(count: number, isOver: () => Promise<boolean> = async () => false): Promise<Quantiles> {
    const times: number[] = [];
    let left = count;
    async function run(): Promise<void> {
      while (left-- > 0 && !(await isOver())) {
        const { ms } = await timed(() => server.ask(home, { token: tokens[turn++ % tokens.length] ?? '' }));
        times.push(ms);
      }
    }
    await Promise.all(Array.from({ length: 8 }, run));
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  }

  /** One slow answer of a hundred is chance; the middle one of nine rounds is not. */
  async function loadInRounds(): Promise<Quantiles> {
    const seen: Quantiles[] = [];
    for (let round = 0; round < rounds; round += 1) seen.push(await load(requests));
    return { p50: middleOf(seen.map(({ p50 }) => p50)), p99: middleOf(seen.map(({ p99 }) => p99)) };
  }

  await loadInRounds();
  const healthy = await loadInRounds();
  lab.fault(service, { hang: true });
  const untilOpen = await load(requests * 10, async () => (await server.service(service)).breaker.state === 'open');
  await until(async () => (await server.service(service)).inFlight === 0);
  return { healthy, untilOpen, onceOpen: await loadInRounds() };
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
