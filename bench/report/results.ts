import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Scenario, ScenarioResult } from '../scenarios/scenario.ts';
import { drawChart } from './chart.ts';
import { type JudgedGoal, judgeGoals } from './goals.ts';
import { describeMachine } from './machine-line.ts';
import { table } from './markdown.ts';

export interface Run {
  readonly results: ReadonlyMap<Scenario, ScenarioResult>;
  /** Why a scenario could not be finished. */
  readonly failures: ReadonlyMap<Scenario, string>;
  readonly coresRemark: string;
  readonly paceRemark: string;
  readonly startedAt: Date;
  readonly durationMs: number;
}

const folder = fileURLToPath(new URL('../results/', import.meta.url));

/** The goals as a table, for the terminal and the file. */
export function describeGoals(run: Run): string {
  const byName = new Map([...run.results].map(([{ name }, result]) => [name, result]));
  const rows = judgeGoals(byName).map(({ title, wanted, measured, isReached }) => [
    title,
    wanted,
    measured,
    verdictOf(isReached),
  ]);
  return table(['', 'to reach', 'measured', ''], rows);
}

function verdictOf(isReached: JudgedGoal['isReached']): string {
  if (isReached === null) return '—';
  return isReached ? 'reached' : 'not reached';
}

/** One scenario's table under its title. */
export function describeScenario(scenario: Scenario, { remark, head, rows }: ScenarioResult): string {
  return [`## ${scenario.title}`, ...(remark === '' ? [] : [remark]), table(head, rows)].join('\n\n');
}

/** Writes `results/<date>.md` with its chart beside it, and returns the file's path. */
export async function writeResults(run: Run): Promise<string> {
  const date = run.startedAt.toISOString().slice(0, 10);
  mkdirSync(folder, { recursive: true });
  const chart = await drawChart(run.results);
  if (chart !== null) writeFileSync(`${folder}${date}.svg`, chart);
  const path = `${folder}${date}.md`;
  writeFileSync(path, `${describeRun(run, chart === null ? null : `${date}.svg`)}\n`);
  return path;
}

function describeRun(run: Run, chartFile: string | null): string {
  const minutes = Math.round(run.durationMs / 60_000);
  const failures = [...run.failures].map(([{ title }, reason]) => `- ${title}: ${reason}`);
  return [
    `# Bench of ${run.startedAt.toISOString().slice(0, 10)}`,
    [
      describeMachine(),
      `Tied: ${run.coresRemark}.`,
      `${run.paceRemark}; ${minutes} min in all.`,
      'Every ratio is one server’s figure beside that of the hand-written REST endpoint that does the same, of the same round: the median of the rounds and its 90 % interval (bootstrap). CPU is user and system time of all of a server’s threads, by its own account.',
      'Ours runs with all that production has on (token check, rate limit, allowlist of documents, operation log, metrics, compression); only the limits of rate, load and calls in flight are out of the way.',
    ].join(' '),
    '## Goals',
    describeGoals(run),
    ...(chartFile === null ? [] : [`![CPU per request beside hand-written REST](${chartFile})`]),
    ...[...run.results].map(([scenario, result]) => describeScenario(scenario, result)),
    ...(failures.length === 0 ? [] : ['## Not measured', failures.join('\n')]),
    '## Left out',
    leftOut,
  ].join('\n\n');
}

const leftOut = `Hive Gateway over OpenAPI and Tailcall put services' answers together and neither formats amounts nor signs addresses of pictures: without code of their user's they cannot give the answers that all others here give, and what is measured here are equal answers.`;
