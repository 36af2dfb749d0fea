import type { Figure } from '../figures.ts';
import type { ScenarioResult } from '../scenarios/scenario.ts';
import { showNumber } from './numbers.ts';

/** A figure to reach, and where it is found among the scenarios' facts. */
interface Goal {
  readonly title: string;
  readonly scenario: string;
  readonly fact: string;
  readonly bound: 'below' | 'at most' | 'at least';
  readonly limit: number;
  /** What a fact is multiplied by to be in the goal's own unit. */
  readonly factor?: number;
  readonly unit?: string;
}

const cpu = 'CPU per request, hand-written REST = 1.0';

const goals: readonly Goal[] = [
  { title: `phone home, cold, ${cpu}`, scenario: 'home-cold', fact: 'ours-cold cpu', bound: 'below', limit: 1 },
  { title: `dashboard, cold, ${cpu}`, scenario: 'dashboard-cold', fact: 'ours-cold cpu', bound: 'below', limit: 1 },
  {
    title: `phone home, merging on, nothing cached, 200 viewers, ${cpu}`,
    scenario: 'home-merged',
    fact: 'ours-merged cpu',
    bound: 'at most',
    limit: 0.8,
  },
  {
    title: `phone home, all that may be cached fresh, ${cpu}`,
    scenario: 'home-warm',
    fact: 'ours cpu',
    bound: 'at most',
    limit: 0.5,
  },
  {
    title: 'one service hanging: throughput kept, from 5 s after the fault, over 30 s',
    scenario: 'home-hanging',
    fact: 'ours worst',
    bound: 'at least',
    limit: 90,
    factor: 100,
    unit: '%',
  },
  {
    title: 'downstream calls per 1000 home screens, 32 at a time, 200 viewers',
    scenario: 'home-merged',
    fact: 'ours-merged calls',
    bound: 'at most',
    limit: 3200,
    factor: 1000,
  },
  {
    title: 'p99 at 32 connections, downstream +50 ms, hand-written REST = 1.0',
    scenario: 'home-slow',
    fact: 'ours-cold p99',
    bound: 'at most',
    limit: 1.05,
  },
  {
    title: 'cost of one more line, 100 to 1000 against 10 to 100',
    scenario: 'lines',
    fact: 'ours-lines growth',
    bound: 'at most',
    limit: 1.1,
    unit: 'x',
  },
  {
    title: 'the whole edge, CPU per request, the same runtime without it = 1.0',
    scenario: 'edge',
    fact: 'edge cpu',
    bound: 'at most',
    limit: 1.25,
  },
  {
    title: "ready after start, the phone's server",
    scenario: 'start',
    fact: 'home',
    bound: 'at most',
    limit: 0.7,
    unit: 's',
  },
  {
    title: "ready after start, the dashboard's server",
    scenario: 'start',
    fact: 'dashboard',
    bound: 'at most',
    limit: 0.7,
    unit: 's',
  },
  {
    title: 'heap after GC at 100,000 requests against 50,000',
    scenario: 'home-memory',
    fact: 'growth',
    bound: 'at most',
    limit: 1.05,
    unit: 'x',
  },
  { title: 'memory', scenario: 'home-memory', fact: 'memory', bound: 'at most', limit: 250, unit: 'MB' },
];

export interface JudgedGoal {
  readonly title: string;
  readonly wanted: string;
  readonly measured: string;
  /** Null: its scenario was not run. */
  readonly isReached: boolean | null;
}

/** Holds every goal against what was measured; one is reached when the better end of its interval is. */
export function judgeGoals(results: ReadonlyMap<string, ScenarioResult>): JudgedGoal[] {
  return goals.map(({ title, scenario, fact, bound, limit, factor = 1, unit = '' }) => {
    const wanted = `${bound} ${limit} ${unit}`.trim();
    const found = results.get(scenario)?.facts[fact];
    if (found === undefined) return { title, wanted, measured: 'not measured', isReached: null };
    const figure = { median: found.median * factor, low: found.low * factor, high: found.high * factor };
    return { title, wanted, measured: `${show(figure)} ${unit}`.trim(), isReached: isReached(figure, bound, limit) };
  });
}

function isReached({ low, high }: Figure, bound: Goal['bound'], limit: number): boolean {
  switch (bound) {
    case 'below':
      return low < limit;
    case 'at most':
      return low <= limit;
    case 'at least':
      return high >= limit;
  }
}

function show({ median, low, high }: Figure): string {
  return low === high ? showNumber(median) : `${showNumber(median)} [${showNumber(low)}, ${showNumber(high)}]`;
}
