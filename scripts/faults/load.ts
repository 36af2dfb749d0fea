import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { ChildServer } from './child-server.ts';
import type { Sighting } from './fault.ts';
import { pause } from './outcome.ts';

const body = JSON.stringify({
  query: '{ product(id: "product-22") { id name price { amount } } categories { id name } }',
});

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
  readonly unanswered: number;
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

/** The peak by a closed loop, then twice that by an open one; Linux only, for the CPU time is the kernel's own. */
export async function measureLoad(server: ChildServer, { seconds }: { seconds: number }): Promise<Sighting> {
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const seen = { good: 0, refused: 0, unanswered: 0 };

  async function ask(): Promise<void> {
    try {
      const answer = await request(`${server.url}/graphql`, {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json' },
        body,
      });
      await answer.body.dump();
      if (answer.statusCode === 200) seen.good += 1;
      else if (answer.statusCode === 503 || answer.statusCode === 429) seen.refused += 1;
      else seen.unanswered += 1;
    } catch {
      seen.unanswered += 1;
    }
  }

  async function measure(load: () => Promise<unknown>): Promise<Goodput> {
    Object.assign(seen, { good: 0, refused: 0, unanswered: 0 });
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

  async function openLoop(perSecond: number): Promise<void> {
    const pending: Promise<void>[] = [];
    const startedAtMs = performance.now();
    for (let sent = 0; sent < perSecond * seconds; ) {
      const due = ((performance.now() - startedAtMs) / 1000) * perSecond;
      for (; sent < due; sent += 1) pending.push(ask());
      await pause(2);
    }
    await Promise.all(pending);
  }

  await measure(closedLoop);
  const peak = await measure(closedLoop);
  const over = await measure(() => openLoop(2 * peak.perSecond));
  await agent.close();
  return {
    peakPerSecond: Math.round(peak.perSecond),
    good: over.good,
    refused: over.refused,
    unanswered: over.unanswered,
    goodputPercent: Math.round((100 * over.perCpuSecond) / peak.perCpuSecond),
  };
}
