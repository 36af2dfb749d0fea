import { showMegabytes, showNumber, showPercent, showRatio } from '../report/numbers.ts';
import { type ComparedServer, type ComparisonSpec, compare } from './comparison.ts';
import type { Scenario, ScenarioResult } from './scenario.ts';

const head = ['', 'CPU beside REST', 'CPU/request', 'requests/s', 'p50', 'p99', 'p99 beside REST', 'calls', 'memory'];

/** A scenario that is one comparison; its facts are `<server> cpu`, `<server> p99` and `<server> calls`. */
export function comparedScenario(
  about: Pick<Scenario, 'name' | 'title' | 'isQuick'> & { readonly remark?: string },
  spec: ComparisonSpec,
): Scenario {
  return {
    ...about,
    async run(bench, pace) {
      return toResult(about.remark ?? '', await compare(bench, spec, pace), spec.allowsFailures === true);
    },
  };
}

function toResult(remark: string, servers: readonly ComparedServer[], showsWhole: boolean): ScenarioResult {
  return {
    remark,
    head: showsWhole ? [...head, 'whole answers'] : head,
    rows: servers.map((server) => {
      const row = [
        server.spec.label,
        showRatio(server.cpuRatio),
        `${showNumber(server.cpuUs.median)} µs`,
        showNumber(server.perSecond.median),
        `${showNumber(server.p50Ms.median)} ms`,
        `${showNumber(server.p99Ms.median)} ms`,
        showRatio(server.p99Ratio),
        showNumber(server.callsPerRequest.median),
        showMegabytes(server.maxRssBytes),
      ];
      return showsWhole ? [...row, showPercent(server.wholeShare)] : row;
    }),
    facts: Object.fromEntries(
      servers.flatMap(({ spec, cpuRatio, p99Ratio, callsPerRequest }) => [
        [`${spec.id} cpu`, cpuRatio],
        [`${spec.id} p99`, p99Ratio],
        [`${spec.id} calls`, callsPerRequest],
      ]),
    ),
  };
}
