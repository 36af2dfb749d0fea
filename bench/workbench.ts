import { rmSync } from 'node:fs';
import type { TurnResult, TurnSpec } from './load/turn.ts';
import { startChild } from './machine/child.ts';
import { type Cores, chooseCores } from './machine/cores.ts';
import type { Recording } from './shop/recorded.ts';
import { recordShop } from './shop/recording.ts';
import { type Stub, startStub } from './stub/stub.ts';

/** What every scenario works with: the recorded shop behind its stub, and the load. */
export interface Workbench extends Omit<Stub, 'stop'> {
  readonly cores: Cores;
  readonly recording: Recording;
  /** Loads a server from the core that is the load's. */
  runTurn(spec: TurnSpec): Promise<TurnResult>;
  /** The same shop once more, for a server whose services are to have faults of their own. */
  startSecondStub(): Promise<Stub>;
  close(): Promise<void>;
}

/** Records the demo shop and starts the stub and the load. */
export async function openWorkbench(): Promise<Workbench> {
  const cores = chooseCores();
  const { recording, file } = await recordShop();
  const stub = await startStub(file, cores.load);
  const load = startChild({
    name: 'load',
    script: new URL('./load/main.ts', import.meta.url),
    env: {},
    core: cores.load,
  });
  return {
    ...stub,
    cores,
    recording,
    runTurn: (spec) => load.ask<TurnResult>('turn', spec),
    startSecondStub: () => startStub(file, cores.load),
    async close() {
      rmSync(file, { force: true });
      await Promise.all([stub.stop(), load.stop()]);
    },
  };
}
