import { mkdirSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startContender } from './contenders/contender.ts';
import { contenders } from './contenders/roster.ts';
import { showPercent } from './report/numbers.ts';
import { sumProfile, type TimeShare } from './report/profile-time.ts';
import { measureTurn, warmUp } from './scenarios/measured-turn.ts';
import { openWorkbench } from './workbench.ts';

const usage = `node bench/profile.ts [--screen home|dashboard] [--server ours-cold|ours|rest|...] [--hanging catalog] [--seconds 10] [--top 25]`;
const sampleEveryUs = 200;
const warmUpRequests = 8000;

const { values } = parseArgs({
  options: {
    screen: { type: 'string', default: 'home' },
    server: { type: 'string', default: 'ours-cold' },
    hanging: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    top: { type: 'string', default: '25' },
  },
});
const spec = Object.values(contenders).find(({ id }) => id === values.server);
if (spec === undefined || (values.screen !== 'home' && values.screen !== 'dashboard')) {
  console.error(
    `${usage}\nServers: ${Object.values(contenders)
      .map(({ id }) => id)
      .join(', ')}`,
  );
  process.exit(1);
}

const bench = await openWorkbench();
try {
  const contender = await startContender(bench, spec, { screen: values.screen });
  const load = { connections: 32, maxRequests: 1_000_000 };
  await warmUp(bench, contender, { connections: load.connections, requests: warmUpRequests });
  if (values.hanging !== undefined) {
    await bench.fault({ hanging: values.hanging });
    // Until the breaker is open.
    await measureTurn(bench, contender, { ...load, turnMs: 5000, graceMs: 1000 });
  }
  const plain = await measureTurn(bench, contender, { ...load, turnMs: 3000 });
  await contender.child.ask('startProfile', { intervalUs: sampleEveryUs });
  await measureTurn(bench, contender, { ...load, turnMs: Number(values.seconds) * 1000 });
  const profile = await contender.child.ask<Profiler.Profile>('stopProfile');
  await contender.stop();

  const folder = join(tmpdir(), 'shop-bff-profiles');
  const file = join(folder, `${spec.id}-${values.screen}.cpuprofile`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(profile));
  const { functions, owners, totals } = sumProfile(profile);
  const top = Number(values.top);
  console.log(
    `${spec.label}, ${values.screen}: ${plain.cpuUs.toFixed(0)} µs of CPU a request before the profile began`,
  );
  print('Self time by owner', owners.slice(0, top));
  print('Self time by function', functions.slice(0, top));
  print('Our own functions with all that they call', totals.slice(0, top));
  console.log(`\nThe whole profile, for the DevTools of a browser: ${file}`);
} finally {
  await bench.close();
}

function print(title: string, shares: readonly TimeShare[]): void {
  console.log(`\n${title}`);
  for (const { name, place, share } of shares) {
    console.log(`  ${showPercent(share).padStart(7)}  ${name.padEnd(36)} ${place}`);
  }
}
