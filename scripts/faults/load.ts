import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { ChildServer } from './child-server.ts';
import type { Sighting } from './fault.ts';
import { pause } from './outcome.ts';

const lists = 'abcdefgh'.split('');

/**
 * Eight lists of products, others each time: the server has far more to do for one than its client, and no answer is given twice.
 * A refusal costs it a tenth of a millisecond, whatever was asked; to be a tenth of the peak at most, an answer must cost some.
 */
const query = `query (${lists.map((name) => `$${name}: [ID!]!`).join()}) {
  ${lists.map((name) => `${name}: products(ids: $${name}) { id name brand availability price { amount } }`).join(' ')}
}`;

function nextBody(): string {
  const ids = () => Array.from({ length: 100 }, () => `product-${1 + Math.floor(Math.random() * 100)}`);
  return JSON.stringify({ query, variables: Object.fromEntries(lists.map((name) => [name, ids()])) });
}

/** Who has waited for so long has gone elsewhere: an answer after that is none. */
const patienceMs = 1000;

/** Clock ticks are a hundredth of a second on every Linux that Node runs on. */
function cpuSeconds(pid: number | undefined): number {
  const fields =
    readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Goodput {
  readonly good: number;
  readonly refused: number;
  readonly late: number;
  readonly unanswered: number;
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

/** The peak by a closed loop, then twice that by an open one; Linux only, for the CPU time is the kernel's own. */
export async function measureLoad(server: ChildServer, { seconds }: { seconds: number }): Promise<Sighting> {
  // A connection for each who waits: what queues must queue in the server.
  const agent = new Agent({ pipelining: 1 });
  const seen = { good: 0, refused: 0, late: 0, unanswered: 0 };

  async function ask(): Promise<void> {
    const startedAtMs = performance.now();
    try {
      const answer = await request(`${server.url}/graphql`, {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json' },
        body: nextBody(),
      });
      await answer.body.dump();
      if (answer.statusCode === 200) seen[performance.now() - startedAtMs <= patienceMs ? 'good' : 'late'] += 1;
      else if (answer.statusCode === 503 || answer.statusCode === 429) seen.refused += 1;
      else seen.unanswered += 1;
    } catch {
      seen.unanswered += 1;
    }
  }

  async function measure(load: () => Promise<unknown>): Promise<Goodput> {
    Object.assign(seen, { good: 0, refused: 0, late: 0, unanswered: 0 });
    const cpuBefore = cpuSeconds(server.child.pid);
    const startedAtMs = performance.now();
    await load();
    const took = (performance.now() - startedAtMs) / 1000;
    const cpu = Math.max(0.01, cpuSeconds(server.child.pid) - cpuBefore);
    return { ...seen, perCpuSecond: seen.good / cpu, perSecond: seen.good / took };
  }

  async function closedLoop(): Promise<void> {
    const endsAtMs = performance.now() + 1000 * seconds;
    const run = async () => {
      while (performance.now() < endsAtMs) await ask();
    };
    await Promise.all(Array.from({ length: 16 }, run));
  }

  const pending: Promise<void>[] = [];

  async function openLoop(perSecond: number, forSeconds: number): Promise<void> {
    const startedAtMs = performance.now();
    for (let sent = 0; sent < perSecond * forSeconds; ) {
      const due = ((performance.now() - startedAtMs) / 1000) * perSecond;
      for (; sent < due; sent += 1) pending.push(ask());
      await pause(2);
    }
  }

  await measure(closedLoop);
  const peak = await measure(closedLoop);
  // The share that is too much is found in steps.
  await openLoop(2 * peak.perSecond, seconds);
  const over = await measure(async () => {
    await openLoop(2 * peak.perSecond, seconds);
    await Promise.all(pending);
  });
  // A machine that others use is not the same a moment later: the peak is looked at on both sides.
  const peakAfter = await measure(closedLoop);
  await agent.close();
  const peakPerCpuSecond = (peak.perCpuSecond + peakAfter.perCpuSecond) / 2;
  return {
    peakPerSecond: Math.round(peak.perSecond),
    good: over.good,
    refused: over.refused,
    late: over.late,
    unanswered: over.unanswered,
    goodputPercent: Math.round((100 * over.perCpuSecond) / peakPerCpuSecond),
  };
}
