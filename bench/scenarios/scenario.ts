import type { Figure } from '../figures.ts';
import type { Workbench } from '../workbench.ts';

/** How long and how often is measured. */
export interface Pace {
  readonly rounds: number;
  /** Of one turn of one server. */
  readonly turnMs: number;
  /** Of each server, before the first round: V8 optimises after thousands of calls, not after seconds. */
  readonly warmUpRequests: number;
}

export const fullPace: Pace = { rounds: 9, turnMs: 2000, warmUpRequests: 8000 };
export const quickPace: Pace = { rounds: 3, turnMs: 1000, warmUpRequests: 2000 };

export interface Scenario {
  /** For `--only`, and what its figures are found by. */
  readonly name: string;
  readonly title: string;
  /** Whether `--quick` runs it. */
  readonly isQuick?: boolean;
  run(bench: Workbench, pace: Pace): Promise<ScenarioResult>;
}

export interface ScenarioResult {
  /** What a reader must know of how it was measured. */
  readonly remark: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What goals are held against, by a name of the scenario's own. */
  readonly facts: Readonly<Record<string, Figure>>;
}
