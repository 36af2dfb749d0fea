import { type Contender, startContender } from '../contenders/contender.ts';
import { contenders } from '../contenders/roster.ts';
import { type Figure, mean, meanFigureOf } from '../figures.ts';
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

interface Kept {
  readonly before: number;
  readonly during: number;
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
        'Ours as it ships, what may be kept kept; all answers of the time beside all of the time before; the interval is over the seconds. The goal is held against the worst service.',
      head: ['', 'before, requests/s', 'while it hangs, requests/s', 'kept'],
      rows,
      facts: worst === undefined ? facts : { ...facts, 'ours worst': worst },
    };
  },
};

function show({ before, during, share }: Kept): string[] {
  return [showNumber(before), showNumber(during), showRatio(share)];
}

async function watch(
  bench: Workbench,
  spec: Parameters<typeof startContender>[1],
  { service, pace }: { readonly service: string; readonly pace: Pace },
): Promise<Kept> {
  const contender = await startContender(bench, spec, { screen: 'home' });
  try {
    await warmUp(bench, contender, { connections, requests: pace.warmUpRequests });
    const before = await perSecond(bench, contender, usualSeconds);
    await bench.fault({ hanging: service });
    const during = (await perSecond(bench, contender, settleSeconds + watchedSeconds)).slice(settleSeconds);
    while (during.length < watchedSeconds) during.push(0);
    const usual = mean(before);
    return { before: usual, during: mean(during), share: meanFigureOf(during.map((count) => count / usual)) };
  } finally {
    await bench.fault({});
    await contender.stop();
  }
}

/** Answers in each whole second. */
async function perSecond(bench: Workbench, contender: Contender, seconds: number): Promise<number[]> {
  const { turn } = await measureTurn(bench, contender, {
    connections,
    turnMs: seconds * 1000,
    maxRequests: Number.MAX_SAFE_INTEGER,
    // What hangs does so for ever.
    graceMs: 1000,
  });
  return turn.perSecond.slice(0, seconds);
}
