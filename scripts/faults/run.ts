import type { Shop } from '../../demo/shop.ts';
import { runsOf } from './bound.ts';
import type { Fault, Sighting } from './fault.ts';
import { type LabOptions, openLab } from './lab.ts';

/** One meeting with a fault, in a lab of its own. */
export async function meetOnce(shop: Shop, fault: Fault, options: LabOptions = {}): Promise<Sighting> {
  const lab = await openLab(shop, options);
  try {
    return await fault.meet(lab);
  } finally {
    await lab.close();
  }
}

/** A run without the mechanism may take all of a deadline: more of them tell nothing new. */
const runLimitMs = 10_000;

/** The runs that a row's figures come from. */
export async function meet(shop: Shop, fault: Fault, options: LabOptions): Promise<Sighting[]> {
  const runs: Sighting[] = [];
  const endsAtMs = performance.now() + runLimitMs;
  const wanted = runsOf(fault);
  while (runs.length < wanted && (runs.length === 0 || options.off === undefined || performance.now() < endsAtMs)) {
    runs.push(await meetOnce(shop, fault, options));
  }
  return runs;
}
