import { type Contender, startContender } from '../contenders/contender.ts';
import { contenders } from '../contenders/roster.ts';
import { changeOfRatio, type Figure, mean, type Pair } from '../figures.ts';
import { showNumber, showRatio } from '../report/numbers.ts';
import type { Workbench } from '../workbench.ts';
import { measureTurn, warmUp } from './measured-turn.ts';
import type { Pace, Scenario } from './scenario.ts';

/** Every service that the phone's home asks. */
const services = ['users', 'recommendations', 'catalog', 'orders'] as const;
const connections = 32;
const settleSeconds = 5;
const watchedSeconds = 30;
/** Four times as long as an order is fresh: every five seconds all of them fall due. */
const usualSeconds = 20;
const turnMs = 500;

/** Each pair is one turn's answers a second: of the server that loses a service, and of its twin, which does not. */
interface Kept {
  readonly before: readonly Pair[];
  readonly during: readonly Pair[];
  readonly share: Figure;
}

/** One service takes requests and answers none: how much of the throughput is left once the first five seconds are over. */
export const hangingScenario: Scenario = {
  name: 'home-hanging',
  title: `Phone home, one service hanging: throughput from ${settleSeconds} s after the fault, over ${watchedSeconds} s`,
  async run(bench, pace) {
    const rows: string[][] = [];
    const facts: Record<string, Figure> = {};
    for (const service of services) {
      const kept = await watch(bench, contenders.oursWarm, { service, pace });
      rows.push([`ours, ${service} hanging`, ...show(kept)]);
      facts[`ours ${service}`] = kept.share;
    }
    rows.push([
      `${contenders.rest.label}, catalog hanging`,
      ...show(await watch(bench, contenders.rest, { service: 'catalog', pace })),
    ]);
    const worst = Object.values(facts).toSorted((a, b) => a.median - b.median)[0];
    return {
      remark:
        'Ours as it ships, what may be kept kept. Turn by turn with a twin of its own whose services stay well, so that a machine that ' +
        'is slower for a while slows both: all answers of the time beside the twin’s, by what that ratio was before. Both have one ' +
        'core: what the one does while the other is loaded slows that. The goal is held against the worst service.',
      head: ['', 'before, requests/s', 'its twin', 'while it hangs, requests/s', 'its twin', 'kept'],
      rows,
      facts: worst === undefined ? facts : { ...facts, 'ours worst': worst },
    };
  },
};

function show({ before, during, share }: Kept): string[] {
  const perSecond = [before, during].flatMap((pairs) => [
    mean(pairs.map(([ill]) => ill)),
    mean(pairs.map(([, well]) => well)),
  ]);
  return [...perSecond.map(showNumber), showRatio(share)];
}

async function watch(
  bench: Workbench,
  spec: Parameters<typeof startContender>[1],
  { service, pace }: { readonly service: string; readonly pace: Pace },
): Promise<Kept> {
  const shop = await bench.startSecondStub();
  const started: Contender[] = [];
  try {
    const ill = await startContender({ ...bench, addresses: shop.addresses }, spec, { screen: 'home' });
    started.push(ill);
    const well = await startContender(bench, spec, { screen: 'home' });
    started.push(well);
    for (const one of started) await warmUp(bench, one, { connections, requests: pace.warmUpRequests });
    const before = await inTurns(bench, [ill, well], { fromSecond: 0, toSecond: usualSeconds });
    await shop.fault({ hanging: service });
    const during = await inTurns(bench, [ill, well], {
      fromSecond: settleSeconds,
      toSecond: settleSeconds + watchedSeconds,
    });
    return { before, during, share: changeOfRatio(before, during) };
  } finally {
    await Promise.allSettled([...started, shop].map((one) => one.stop()));
  }
}

/** Loads the one and the other in turn, and returns the turns of this part of the time. */
async function inTurns(
  bench: Workbench,
  [ill, well]: readonly [Contender, Contender],
  { fromSecond, toSecond }: { readonly fromSecond: number; readonly toSecond: number },
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  while (seconds() < toSecond) {
    const isWatched = seconds() >= fromSecond;
    const pair: Pair = [await perSecond(bench, ill), await perSecond(bench, well)];
    if (isWatched) pairs.push(pair);
  }
  return pairs;
}

async function perSecond(bench: Workbench, contender: Contender): Promise<number> {
  const { turn } = await measureTurn(bench, contender, {
    connections,
    turnMs,
    maxRequests: Number.MAX_SAFE_INTEGER,
    // What hangs does so for ever.
    graceMs: 1000,
  });
  // What is cut in the end has taken all of the turn.
  return turn.completed / (Math.max(turnMs, turn.durationMs) / 1000);
}
