import type { TopLevelSpec } from 'vega-lite';
import { contenders } from '../contenders/roster.ts';
import type { Scenario, ScenarioResult } from '../scenarios/scenario.ts';

const drawn = new Map([
  ['home-cold', 'Phone home'],
  ['dashboard-cold', 'Dashboard'],
]);

interface Bar {
  readonly screen: string;
  readonly server: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly isOurs: boolean;
}

/** CPU per request of every server on both screens as an SVG; null where neither screen was measured. */
export async function drawChart(results: ReadonlyMap<Scenario, ScenarioResult>): Promise<string | null> {
  const bars = [...results].flatMap(([{ name }, result]) => barsOf(drawn.get(name), result));
  if (bars.length === 0) return null;
  // Loaded here, so that a run that draws nothing does not wait for it.
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const view = new View(parse(compile(specOf(bars)).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function barsOf(screen: string | undefined, { facts }: ScenarioResult): Bar[] {
  if (screen === undefined) return [];
  return Object.values(contenders).flatMap(({ id, label }) => {
    const figure = facts[`${id} cpu`];
    if (figure === undefined) return [];
    const { median, low, high } = figure;
    return [{ screen, server: label, ratio: median, low, high, isOurs: id.startsWith('ours') }];
  });
}

function specOf(bars: readonly Bar[]): TopLevelSpec {
  const y = { field: 'server', type: 'nominal', sort: null, title: null, axis: { labelLimit: 300 } } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: 'CPU per request, nothing cached, hand-written REST that does the same = 1.0',
    background: 'white',
    data: { values: bars.map((bar) => ({ ...bar })) },
    facet: { row: { field: 'screen', type: 'nominal', sort: [...drawn.values()], title: null } },
    spec: {
      width: 480,
      height: { step: 22 },
      layer: [
        {
          mark: { type: 'bar', height: 14 },
          encoding: {
            y,
            x: { field: 'ratio', type: 'quantitative', title: null },
            color: {
              field: 'isOurs',
              type: 'nominal',
              scale: { domain: [true, false], range: ['#0a7d5a', '#b5b9c0'] },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'rule', color: '#333' },
          encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
        },
        {
          mark: { type: 'text', align: 'left', dx: 6 },
          encoding: {
            y,
            x: { field: 'high', type: 'quantitative' },
            text: { field: 'ratio', type: 'quantitative', format: '.2f' },
          },
        },
        { mark: { type: 'rule', strokeDash: [4, 3], color: '#c0392b' }, encoding: { x: { datum: 1 } } },
      ],
    },
  };
}
