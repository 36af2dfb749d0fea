import { rmSync } from 'node:fs';
import { serviceNames } from '../demo/shop.ts';
import type { TurnResult, TurnSpec } from './load/turn.ts';
import { startChild } from './machine/child.ts';
import { type Cores, chooseCores } from './machine/cores.ts';
import type { Recording } from './shop/recorded.ts';
import { recordShop } from './shop/recording.ts';
import type { StubAddresses, StubFaults } from './stub/main.ts';

/** What every scenario works with: the recorded shop behind its stub, and the load. */
export interface Workbench {
  readonly cores: Cores;
  readonly recording: Recording;
  readonly addresses: StubAddresses;
  /** Loads a server from the core that is the load's. */
  runTurn(spec: TurnSpec): Promise<TurnResult>;
  fault(faults: StubFaults): Promise<void>;
  /** How often each service was asked since this was last called. */
  takeCalls(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** Records the demo shop and starts the stub and the load. */
export async function openWorkbench(): Promise<Workbench> {
  const cores = chooseCores();
  const { recording, file } = await recordShop();
  const stub = startChild({
    name: 'stub',
    script: new URL('./stub/main.ts', import.meta.url),
    env: {},
    core: cores.load,
  });
  const load = startChild({
    name: 'load',
    script: new URL('./load/main.ts', import.meta.url),
    env: {},
    core: cores.load,
  });
  const addresses = await stub.ask<StubAddresses>('open', { file, names: serviceNames });
  rmSync(file);
  return {
    cores,
    recording,
    addresses,
    runTurn: (spec) => load.ask<TurnResult>('turn', spec),
    fault: (faults) => stub.ask('fault', faults),
    takeCalls: () => stub.ask('takeCalls'),
    async close() {
      await Promise.all([stub.stop(), load.stop()]);
    },
  };
}
