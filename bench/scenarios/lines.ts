import { type Contender, startContender } from '../contenders/contender.ts';
import { type ContenderSpec, contenders } from '../contenders/roster.ts';
import { type Figure, figureOf, median } from '../figures.ts';
import { showNumber, showRatio } from '../report/numbers.ts';
import { lineCounts } from '../shop/long-orders.ts';
import type { Workbench } from '../workbench.ts';
import { checkEqual, readExpected } from './equal-answers.ts';
import { measureTurn, warmUp } from './measured-turn.ts';
import type { Pace, Scenario } from './scenario.ts';

const [few, some, many] = lineCounts;
const connections = 8;
/** By how many lines: the CPU of a request, in one round. */
type Costs = ReadonlyMap<number, number>;

/** Orders of 10, 100 and 1000 lines, each of another product: how cost grows with a list. */
export const linesScenario: Scenario = {
  name: 'lines',
  title: 'An order of 10, 100 and 1000 lines: what one more line costs',
  async run(bench, pace) {
    const rounds = await measure(bench, pace);
    const rows: string[][] = [];
    const facts: Record<string, Figure> = {};
    for (const [spec, costs] of rounds) {
      const growth = figureOf(costs.map((cost) => perLine(cost, some, many) / perLine(cost, few, some)));
      facts[`${spec.id} growth`] = growth;
      rows.push([
        spec.label,
        ...lineCounts.map((count) => `${showNumber(median(costs.map((cost) => cost.get(count) ?? Number.NaN)))} µs`),
        `${showNumber(median(costs.map((cost) => perLine(cost, few, some))))} µs`,
        `${showNumber(median(costs.map((cost) => perLine(cost, some, many))))} µs`,
        showRatio(growth),
      ]);
    }
    return {
      remark: 'Nothing is kept. A product a line: 1000 lines are ten calls of 100 ids.',
      head: [
        '',
        ...lineCounts.map((count) => `${count} lines`),
        `a line, ${few} to ${some}`,
        `a line, ${some} to ${many}`,
        'growth',
      ],
      rows,
      facts,
    };
  },
};

function perLine(costs: Costs, from: number, to: number): number {
  return ((costs.get(to) ?? Number.NaN) - (costs.get(from) ?? Number.NaN)) / (to - from);
}

async function measure(bench: Workbench, pace: Pace): Promise<Map<ContenderSpec, Costs[]>> {
  const specs = [contenders.rest, contenders.oursLines];
  const running = new Map<ContenderSpec, Map<number, Contender>>();
  try {
    for (const count of lineCounts) {
      const screen = `lines-${count}` as const;
      let expected: readonly unknown[] | undefined;
      for (const spec of specs) {
        const contender = await startContender(bench, spec, { screen, viewerCount: 1 });
        running.set(spec, (running.get(spec) ?? new Map<number, Contender>()).set(count, contender));
        expected ??= await readExpected(contender);
        await checkEqual(contender, expected);
        // As many lines in all, however they are spread: at least as many requests as V8 wants to see.
        const requests = Math.max(500, pace.warmUpRequests / count);
        await warmUp(bench, contender, { connections, requests });
      }
    }
    const measured = new Map<ContenderSpec, Costs[]>(specs.map((spec) => [spec, []]));
    for (let round = 0; round < pace.rounds; round += 1) {
      for (const [spec, byCount] of running) {
        const costs = new Map<number, number>();
        for (const [count, contender] of byCount) {
          const { cpuUs, turn } = await measureTurn(bench, contender, { connections, turnMs: pace.turnMs });
          if (turn.statuses['200'] !== turn.completed) throw new Error(`${spec.label} failed at ${count} lines.`);
          costs.set(count, cpuUs);
        }
        measured.get(spec)?.push(costs);
      }
    }
    return measured;
  } finally {
    await Promise.all([...running.values()].flatMap((byCount) => [...byCount.values()].map((one) => one.stop())));
  }
}
