import { contenders } from '../contenders/roster.ts';
import { single } from '../figures.ts';
import { comparedScenario } from './compared.ts';
import type { Scenario } from './scenario.ts';

const { oursCold, oursNoEdge } = contenders;

const comparison = comparedScenario(
  { name: 'edge', title: 'Phone home, nothing cached: what the edge costs' },
  { screen: 'home', contenders: [oursNoEdge, oursCold] },
);

/** Token, checks, limits, log, metrics, tracing's look and compression, beside the same runtime with nothing of it. */
export const edgeScenario: Scenario = {
  ...comparison,
  async run(bench, pace) {
    const result = await comparison.run(bench, pace);
    const whole = result.facts[`${oursCold.id} cpu`]?.median ?? Number.NaN;
    const bare = result.facts[`${oursNoEdge.id} cpu`]?.median ?? Number.NaN;
    return {
      ...result,
      remark:
        'Without the edge the token is believed, the body parsed, and the answer sent as it is, not even compressed.',
      facts: { ...result.facts, 'edge cpu': single(whole / bare) },
    };
  },
};
