import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAnswer } from '../load/body.ts';
import { createConnection, type LoadAnswer, type LoadRequest } from '../load/connection.ts';
import { type Child, startChild } from '../machine/child.ts';
import { dataOf, requestFor, type Screen } from '../screens.ts';
import type { Workbench } from '../workbench.ts';
import { oursProgram, type Program, peerProgram } from './programs.ts';
import type { ContenderSpec } from './roster.ts';

/** A server that runs and is asked for one screen. */
export interface Contender {
  readonly spec: ContenderSpec;
  readonly origin: string;
  readonly child: Child;
  /** One of every viewer's. */
  readonly requests: readonly LoadRequest[];
  /** One answer of one viewer. @throws Error - the status is not 200, or the answer has errors. */
  ask(viewerIndex: number): Promise<{ data: unknown; answer: LoadAnswer }>;
  stop(): Promise<void>;
}

export interface ContenderOptions {
  readonly screen: Screen;
  /** Default all. */
  readonly viewerCount?: number | undefined;
  /** What a `finished` contender gives out. */
  readonly finishedFile?: string | undefined;
}

const readyTimeoutMs = 20_000;

/** Starts a server on the core that is the servers', and waits until it answers. */
export async function startContender(
  bench: Workbench,
  spec: ContenderSpec,
  options: ContenderOptions,
): Promise<Contender> {
  const { screen, viewerCount = bench.recording.viewers.length } = options;
  const [port, adminPort] = [await findFreePort(), await findFreePort()];
  const { script, flags, env, readyPath } = programOf(bench, spec, { port, adminPort, ...options });
  const child = startChild({
    name: spec.label,
    script,
    flags,
    env,
    core: bench.cores.server,
    preload: [new URL('../machine/accounting.ts', import.meta.url)],
  });
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([waitUntilReady(`${origin}${readyPath}`), child.failed]);
  const connection = createConnection(origin);
  const requests = bench.recording.viewers.slice(0, viewerCount).map((viewer) => requestFor(screen, spec.form, viewer));
  return {
    spec,
    origin,
    child,
    requests,
    async ask(viewerIndex) {
      const request = requests[viewerIndex];
      if (request === undefined) throw new Error(`There is no viewer ${viewerIndex}.`);
      const answer = await connection.send(request, { keepsBody: true });
      if (answer.status !== 200) {
        throw new Error(`${spec.label} answered ${answer.status}: ${answer.body?.toString().slice(0, 500)}`);
      }
      return { data: dataOf(screen, spec, parseAnswer(answer)), answer };
    },
    async stop() {
      connection.close();
      await child.stop();
    },
  };
}

function programOf(
  { recording, addresses }: Workbench,
  { program }: ContenderSpec,
  where: ContenderOptions & { readonly port: number; readonly adminPort: number },
): Program {
  const deps = { recording, addresses, ...where };
  switch (program.kind) {
    case 'ours':
      return oursProgram(program.policy, deps);
    case 'finished':
      return peerProgram(program.folder, where.finishedFile ?? '', deps);
    case 'peer':
      return peerProgram(program.folder, program.flavour ?? '', deps);
  }
}

/** Any answer will do of a peer; of ours only the one that says so. */
export async function waitUntilReady(url: string, everyMs = 20): Promise<void> {
  const isAnyAnswerEnough = !url.endsWith('/health/ready');
  const untilMs = performance.now() + readyTimeoutMs;
  while (performance.now() < untilMs) {
    const status = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => null,
    );
    if (status === 200 || (isAnyAnswerEnough && status !== null)) return;
    await delay(everyMs);
  }
  throw new Error(`Nobody was ready at ${url} within ${readyTimeoutMs / 1000} s.`);
}

export async function findFreePort(): Promise<number> {
  const probe = createServer();
  const { promise, resolve } = Promise.withResolvers<number>();
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as AddressInfo;
    probe.close(() => resolve(port));
  });
  return await promise;
}
