import { findFreePort, waitUntilReady } from '../contenders/contender.ts';
import { isBuilt, oursProgram } from '../contenders/programs.ts';
import type { Figure } from '../figures.ts';
import { figureOf } from '../figures.ts';
import { startChild } from '../machine/child.ts';
import { showRatio } from '../report/numbers.ts';
import type { Screen } from '../screens.ts';
import type { Scenario } from './scenario.ts';

const pollEveryMs = 5;

/** From the start of the process to the first "ready". */
export const startScenario: Scenario = {
  name: 'start',
  title: 'Ready after start',
  async run(bench, pace) {
    const rows: string[][] = [];
    const facts: Record<string, Figure> = {};
    for (const screen of ['home', 'dashboard'] satisfies Screen[]) {
      const seconds: number[] = [];
      for (let round = 0; round < pace.rounds; round += 1) {
        const [port, adminPort] = [await findFreePort(), await findFreePort()];
        const { recording, addresses, cores } = bench;
        const deps = { recording, addresses, screen, port, adminPort };
        const { script, flags, env, readyPath } = oursProgram({ cache: 'production' }, deps);
        const startedMs = performance.now();
        const child = startChild({ name: `ours (${screen})`, script, flags, env, core: cores.server });
        await Promise.race([waitUntilReady(`http://127.0.0.1:${port}${readyPath}`, pollEveryMs), child.failed]);
        seconds.push((performance.now() - startedMs) / 1000);
        await child.stop();
      }
      facts[screen] = figureOf(seconds);
      rows.push([screen === 'home' ? "the phone's server" : "the dashboard's server", showRatio(figureOf(seconds))]);
    }
    return {
      remark: isBuilt() ? 'Built, from dist.' : 'Not built: from the sources, whose types are stripped at each start.',
      head: ['', 'seconds'],
      rows,
      facts,
    };
  },
};
