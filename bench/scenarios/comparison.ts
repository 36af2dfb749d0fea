import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, startContender } from '../contenders/contender.ts';
import { type ContenderSpec, contenders } from '../contenders/roster.ts';
import { type Figure, figureOf } from '../figures.ts';
import type { Screen } from '../screens.ts';
import type { StubFaults } from '../stub/main.ts';
import type { Workbench } from '../workbench.ts';
import { checkEqual, countEqual, readExpected } from './equal-answers.ts';
import { type MeasuredTurn, measureTurn, warmUp } from './measured-turn.ts';
import type { Pace } from './scenario.ts';

/** Servers side by side under the same load. */
export interface ComparisonSpec {
  readonly screen: Screen;
  /** Beside the reference, which is the hand-written REST that does the same. */
  readonly contenders: readonly ContenderSpec[];
  /** Default 32. */
  readonly connections?: number;
  /** Default all. */
  readonly viewerCount?: number;
  /** What the services do while it is measured. */
  readonly faults?: StubFaults;
  /** Whether answers may be other than whole: where faults are answered with what is left. */
  readonly allowsFailures?: boolean;
  /** Longer turns, where answers are rare: this many times the pace's. */
  readonly turnFactor?: number;
}

/** One server's figures over the rounds. */
export interface ComparedServer {
  readonly spec: ContenderSpec;
  /** Beside the reference of the same round. */
  readonly cpuRatio: Figure;
  readonly p99Ratio: Figure;
  readonly cpuUs: Figure;
  readonly perSecond: Figure;
  readonly p50Ms: Figure;
  readonly p99Ms: Figure;
  readonly callsPerRequest: Figure;
  readonly maxRssBytes: number;
  /** Of the answers that were looked at, how many were whole and right. */
  readonly wholeShare: number;
}

const sampleEvery = 101;

/** Starts all servers, checks that their answers are equal, and loads one after the other, round by round. */
export async function compare(bench: Workbench, spec: ComparisonSpec, pace: Pace): Promise<ComparedServer[]> {
  const running: Contender[] = [];
  let finishedFile: string | undefined;
  try {
    const reference = await start(contenders.rest);
    const expected = await readExpected(reference);
    for (const contender of spec.contenders) {
      if (contender.program.kind === 'finished') finishedFile = await writeFinished(bench, reference);
      const started = await start(contender);
      await checkEqual(started, expected);
    }
    await bench.fault(spec.faults ?? {});
    const rounds = await runRounds(bench, running, spec, pace);
    return running.map((contender) => summarize(contender, rounds, expected));
  } finally {
    await bench.fault({});
    await Promise.all(running.map((contender) => contender.stop()));
    if (finishedFile !== undefined) rmSync(finishedFile);
  }

  async function start(contender: ContenderSpec): Promise<Contender> {
    const { screen, viewerCount } = spec;
    const started = await startContender(bench, contender, { screen, viewerCount, finishedFile });
    running.push(started);
    return started;
  }

  function summarize(
    contender: Contender,
    rounds: readonly ReadonlyMap<Contender, MeasuredTurn>[],
    expected: readonly unknown[],
  ): ComparedServer {
    const turns = rounds.flatMap((round) => round.get(contender) ?? []);
    const [reference] = running;
    const beside = (value: (turn: MeasuredTurn) => number) =>
      figureOf(
        rounds.flatMap((round) => {
          const [own, other] = [round.get(contender), reference && round.get(reference)];
          return own && other ? [value(own) / value(other)] : [];
        }),
      );
    const over = (value: (turn: MeasuredTurn) => number) => figureOf(turns.map(value));
    const samples = turns.flatMap(({ turn }) => turn.samples);
    const wholeShare = countEqual(samples, contender, { screen: spec.screen, expected }) / samples.length;
    if (wholeShare < 1 && spec.allowsFailures !== true) {
      throw new Error(`${contender.spec.label} gave answers under load that are not what the reference answers.`);
    }
    return {
      spec: contender.spec,
      cpuRatio: beside(({ cpuUs }) => cpuUs),
      p99Ratio: beside(({ turn }) => turn.p99Ms),
      cpuUs: over(({ cpuUs }) => cpuUs),
      perSecond: over(({ perSecond }) => perSecond),
      p50Ms: over(({ turn }) => turn.p50Ms),
      p99Ms: over(({ turn }) => turn.p99Ms),
      callsPerRequest: over(({ callsPerRequest }) => callsPerRequest),
      maxRssBytes: Math.max(...turns.map(({ rssBytes }) => rssBytes)),
      wholeShare,
    };
  }
}

/** The order turns from round to round, so that no server always comes after the same one. */
async function runRounds(
  bench: Workbench,
  running: readonly Contender[],
  spec: ComparisonSpec,
  pace: Pace,
): Promise<Map<Contender, MeasuredTurn>[]> {
  const { connections = 32, turnFactor = 1 } = spec;
  for (const contender of running) await warmUp(bench, contender, { connections, requests: pace.warmUpRequests });
  const rounds: Map<Contender, MeasuredTurn>[] = [];
  for (let round = 0; round < pace.rounds; round += 1) {
    const measured = new Map<Contender, MeasuredTurn>();
    for (let place = 0; place < running.length; place += 1) {
      const contender = running[(place + round) % running.length];
      if (contender === undefined) continue;
      const turnMs = pace.turnMs * turnFactor;
      const turn = await measureTurn(bench, contender, { connections, turnMs, offset: 31 * round, sampleEvery });
      const { '200': whole = 0, ...others } = turn.turn.statuses;
      if (whole === 0 || (Object.keys(others).length > 0 && spec.allowsFailures !== true)) {
        throw new Error(`${contender.spec.label} answered under load with ${JSON.stringify(turn.turn.statuses)}.`);
      }
      measured.set(contender, turn);
    }
    rounds.push(measured);
  }
  return rounds;
}

/** The reference's answers as bytes, for the server that only hands them out. */
async function writeFinished(bench: Workbench, reference: Contender): Promise<string> {
  const finished: Record<string, { encoding: string; base64: string }> = {};
  for (const viewer of reference.requests.keys()) {
    const { answer } = await reference.ask(viewer);
    const authorization = bench.recording.viewers[viewer]?.authorization ?? '';
    finished[authorization] = { encoding: answer.encoding, base64: answer.body?.toString('base64') ?? '' };
  }
  const file = join(tmpdir(), `shop-bff-bench-${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify(finished));
  return file;
}
