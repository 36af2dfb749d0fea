import { serviceNames } from '../../demo/shop.ts';
import { startChild } from '../machine/child.ts';
import type { StubAddresses, StubFaults } from './main.ts';

/** The recorded shop behind a process of its own, which answers from memory. */
export interface Stub {
  readonly addresses: StubAddresses;
  fault(faults: StubFaults): Promise<void>;
  /** How often each service was asked since this was last called. */
  takeCalls(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** Starts it with what was recorded in this file. */
export async function startStub(file: string, core: number | null): Promise<Stub> {
  const child = startChild({ name: 'stub', script: new URL('./main.ts', import.meta.url), env: {}, core });
  return {
    addresses: await child.ask<StubAddresses>('open', { file, names: serviceNames }),
    fault: (faults) => child.ask('fault', faults),
    takeCalls: () => child.ask('takeCalls'),
    stop: () => child.stop(),
  };
}
