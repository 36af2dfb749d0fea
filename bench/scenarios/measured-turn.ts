import { setTimeout as delay } from 'node:timers/promises';
import type { Contender } from '../contenders/contender.ts';
import type { TurnResult } from '../load/turn.ts';
import type { Usage } from '../machine/accounting.ts';
import type { Workbench } from '../workbench.ts';

/** What one turn of one server cost. */
export interface MeasuredTurn {
  readonly turn: TurnResult;
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly callsPerRequest: number;
  readonly rssBytes: number;
}

export interface TurnOptions {
  readonly connections: number;
  readonly turnMs: number;
  readonly maxRequests?: number;
  readonly offset?: number;
  readonly sampleEvery?: number;
  /** Default 20 s: also who is far slower than the others is measured by whole answers. */
  readonly graceMs?: number;
}

/** What is done after the last answer (its log line, its metrics) belongs to the turn, too. */
const settleMs = 25;
const defaultMaxRequests = 40_000;
const defaultGraceMs = 20_000;

/** Loads a server for one turn, by its own account of what that cost. */
export async function measureTurn(bench: Workbench, contender: Contender, options: TurnOptions): Promise<MeasuredTurn> {
  await bench.takeCalls();
  const before = await contender.child.ask<Usage>('usage');
  const turn = await bench.runTurn({
    origin: contender.origin,
    requests: contender.requests,
    connections: options.connections,
    maxMs: options.turnMs,
    maxRequests: options.maxRequests ?? defaultMaxRequests,
    graceMs: options.graceMs ?? defaultGraceMs,
    offset: options.offset ?? 0,
    sampleEvery: options.sampleEvery ?? 0,
  });
  await delay(settleMs);
  const after = await contender.child.ask<Usage>('usage');
  const calls = Object.values(await bench.takeCalls()).reduce((sum, count) => sum + count, 0);
  return {
    turn,
    cpuUs: (after.cpuUs - before.cpuUs) / turn.completed,
    perSecond: turn.completed / (turn.durationMs / 1000),
    callsPerRequest: calls / turn.completed,
    rssBytes: after.rssBytes,
  };
}

const maxWarmUpMs = 40_000;

/** Lets a server become as fast as it gets. */
export async function warmUp(
  bench: Workbench,
  contender: Contender,
  options: { readonly connections: number; readonly requests: number },
): Promise<void> {
  const { connections, requests } = options;
  await measureTurn(bench, contender, { connections, turnMs: maxWarmUpMs, maxRequests: requests });
}
