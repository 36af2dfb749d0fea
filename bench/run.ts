import { describeGoals, describeScenario, type Run, writeResults } from './report/results.ts';
import { scenarios } from './scenarios/list.ts';
import { fullPace, type Pace, quickPace, type Scenario, type ScenarioResult } from './scenarios/scenario.ts';
import { openWorkbench } from './workbench.ts';

export interface BenchOptions {
  readonly isQuick: boolean;
  /** By name; null: all, or with `isQuick` the quick ones. */
  readonly only: readonly string[] | null;
  readonly rounds: number | undefined;
}

/** Runs the scenarios, prints each as it ends, and writes a whole run's results. */
export async function runBench(options: BenchOptions): Promise<void> {
  const chosen = chooseScenarios(options);
  const basePace = options.isQuick ? quickPace : fullPace;
  const pace: Pace = { ...basePace, rounds: options.rounds ?? basePace.rounds };
  const startedAt = new Date();
  const results = new Map<Scenario, ScenarioResult>();
  const failures = new Map<Scenario, string>();

  console.log('Recording the demo shop ...');
  const bench = await openWorkbench();
  try {
    for (const scenario of chosen) {
      console.log(`\n${scenario.name} ...`);
      try {
        const result = await scenario.run(bench, pace);
        results.set(scenario, result);
        console.log(`\n${describeScenario(scenario, result)}`);
      } catch (error) {
        // The figures of the other scenarios are worth having all the same.
        failures.set(scenario, error instanceof Error ? error.message : String(error));
        console.error(`${scenario.name} could not be measured: ${failures.get(scenario)}`);
        process.exitCode = 1;
      }
    }
  } finally {
    await bench.close();
  }
  const run: Run = {
    results,
    failures,
    coresRemark: bench.cores.remark,
    paceRemark: `${pace.rounds} interleaved rounds of ${pace.turnMs / 1000} s a server`,
    startedAt,
    durationMs: Date.now() - startedAt.getTime(),
  };
  console.log(`\n## Goals\n\n${describeGoals(run)}`);
  const isWhole = options.only === null && !options.isQuick;
  if (isWhole) console.log(`\nWritten to ${await writeResults(run)}`);
}

function chooseScenarios({ isQuick, only }: BenchOptions): readonly Scenario[] {
  if (only === null) return isQuick ? scenarios.filter((scenario) => scenario.isQuick) : scenarios;
  const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `There is no scenario ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ')}.`,
    );
  }
  return scenarios.filter(({ name }) => only.includes(name));
}
