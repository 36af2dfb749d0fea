import { startContender } from '../contenders/contender.ts';
import { contenders } from '../contenders/roster.ts';
import { single } from '../figures.ts';
import type { Memory } from '../machine/accounting.ts';
import { showMegabytes, showNumber } from '../report/numbers.ts';
import { measureTurn } from './measured-turn.ts';
import type { Scenario } from './scenario.ts';

const stepRequests = 50_000;
const steps = 2;
const maxStepMs = 300_000;

/** What is held after 50,000 requests and after 100,000. */
export const memoryScenario: Scenario = {
  name: 'home-memory',
  title: 'Phone home: heap after a full collection, and memory',
  async run(bench) {
    const contender = await startContender(bench, contenders.oursWarm, { screen: 'home' });
    try {
      const measured: { memory: Memory; rssBytes: number }[] = [];
      for (let step = 0; step < steps; step += 1) {
        const { turn, rssBytes } = await measureTurn(bench, contender, {
          connections: 32,
          turnMs: maxStepMs,
          maxRequests: stepRequests,
        });
        if (turn.statuses['200'] !== stepRequests) {
          throw new Error(`Of ${stepRequests} requests there were ${JSON.stringify(turn.statuses)}.`);
        }
        measured.push({ memory: await contender.child.ask<Memory>('memory'), rssBytes });
      }
      const [first, last] = measured;
      if (first === undefined || last === undefined) throw new Error('Nothing was measured.');
      const growth = last.memory.heapBytes / first.memory.heapBytes;
      const maxRssBytes = Math.max(...measured.map(({ rssBytes }) => rssBytes));
      return {
        remark: 'Ours as it ships, 32 connections, 200 viewers; memory is the resident set before the collection.',
        head: ['requests', 'heap after GC', 'memory'],
        rows: [
          ...measured.map(({ memory, rssBytes }, step) => [
            String((step + 1) * stepRequests),
            `${(memory.heapBytes / 1e6).toFixed(1)} MB`,
            showMegabytes(rssBytes),
          ]),
          ['growth', `${showNumber(growth)} x`, ''],
        ],
        facts: { growth: single(growth), memory: single(maxRssBytes / 1e6) },
      };
    } finally {
      await contender.stop();
    }
  },
};
