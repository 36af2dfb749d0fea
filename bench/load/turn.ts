import { type Connection, createConnection, type LoadRequest } from './connection.ts';

/** One stretch of load. It ends with its time or its count, whichever is first. */
export interface TurnSpec {
  readonly origin: string;
  /** Asked one after the other, by whichever connection is free. */
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  readonly maxMs: number;
  readonly maxRequests: number;
  /** How long what is under way when the time is over may take to end; then it is cut. */
  readonly graceMs: number;
  /** Which request comes first. */
  readonly offset: number;
  /** Every so many answers one is kept for a look; 0: none. */
  readonly sampleEvery: number;
}

export interface SampledAnswer {
  /** Of the request, in `requests`. */
  readonly index: number;
  readonly encoding: string;
  readonly base64: string;
}

export interface TurnResult {
  readonly completed: number;
  /** From the first request to the last answer. */
  readonly durationMs: number;
  /** How many answers had which status; `failed`: the connection broke. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers in each second since the start. */
  readonly perSecond: readonly number[];
  readonly samples: readonly SampledAnswer[];
}

const maxSamples = 20;

/** Loads a server with a fixed number of connections, each with one request at a time. */
export async function runTurn(spec: TurnSpec): Promise<TurnResult> {
  const { requests, connections, maxMs, maxRequests } = spec;
  const open = Array.from({ length: connections }, () => createConnection(spec.origin));
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const perSecond: number[] = [];
  const samples: SampledAnswer[] = [];
  const startedMs = performance.now();
  let sent = 0;
  let bytes = 0;
  let lastMs = startedMs;
  let isCut = false;

  function hasMore(): boolean {
    return !isCut && sent < maxRequests && performance.now() - startedMs < maxMs;
  }

  function count(status: string): void {
    statuses[status] = (statuses[status] ?? 0) + 1;
  }

  async function ask(connection: Connection): Promise<void> {
    const index = (spec.offset + sent) % requests.length;
    const request = requests[index];
    sent += 1;
    if (request === undefined) throw new Error('There is nothing to ask.');
    const keepsBody = spec.sampleEvery > 0 && sent % spec.sampleEvery === 0 && samples.length < maxSamples;
    const sentMs = performance.now();
    try {
      const answer = await connection.send(request, { keepsBody });
      lastMs = performance.now();
      latencies.push(lastMs - sentMs);
      bytes += answer.bytes;
      count(String(answer.status));
      const second = Math.floor((lastMs - startedMs) / 1000);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
      if (answer.body !== null) {
        samples.push({ index, encoding: answer.encoding, base64: answer.body.toString('base64') });
      }
    } catch {
      if (!isCut) count('failed');
    }
  }

  async function work(connection: Connection): Promise<void> {
    while (hasMore()) await ask(connection);
  }

  const cut = setTimeout(() => {
    isCut = true;
    for (const connection of open) connection.close();
  }, maxMs + spec.graceMs);
  await Promise.all(open.map(work));
  clearTimeout(cut);
  for (const connection of open) connection.close();
  latencies.sort((a, b) => a - b);
  const seconds = Math.ceil((lastMs - startedMs) / 1000);
  return {
    completed: latencies.length,
    durationMs: lastMs - startedMs,
    statuses,
    bytes,
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
    perSecond: Array.from({ length: seconds }, (_, second) => perSecond[second] ?? 0),
    samples,
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
