import { measureHanging } from './faults/hanging.ts';
import { runIsolation } from './faults/isolation.ts';
import { openLab, openShop, uncached } from './faults/lab.ts';
import { keptAlive, runErrorsAtVolume, runSoak } from './faults/soak.ts';

/** What takes minutes: F88 for `--minutes` (default 30), F38 at volume, 200 viewers with 50 requests each, and a hanging service. */
const at = process.argv.indexOf('--minutes');
const minutes = at === -1 ? 30 : Number(process.argv[at + 1]);
if (!(minutes > 0)) throw new Error('Say how long: --minutes 30.');

const shop = await openShop();
let isWell = true;

function report(promise: string, isKept: boolean, figure: string): void {
  isWell &&= isKept;
  console.log(`${isKept ? '✓' : '✗'} ${promise}\n    ${figure}`);
}

{
  const lab = await openLab(shop);
  const server = await lab.start({ ...uncached, policy: { ...uncached.policy, ejectionFailures: 0 } });
  const count = Math.round(2000 * Math.min(10, Math.max(1, minutes)));
  const percent = await runErrorsAtVolume(lab, server, count);
  report(
    'F38: with 10 % of random errors at least 99.8 % succeed, and the breaker stays closed',
    percent >= 99.8,
    `${percent} % of ${count}`,
  );
  await lab.close();
}
{
  const lab = await openLab(shop);
  const server = await lab.start({
    policy: { healthCheckIntervalMs: 0, breakerOpenMs: 300, attemptTimeoutMs: 250 },
    deadlineMs: 1000,
  });
  const requestsEach = minutes >= 5 ? 50 : 5;
  const seen = await runIsolation(lab, server, { viewers: 200, requestsEach, atOnce: 16 });
  report(
    `200 viewers x ${requestsEach} requests with faults on: 0 foreign objects, 0 unexpected errors`,
    seen.foreign.length + seen.unexpected.length === 0,
    `${seen.foreign.length} foreign, ${seen.unexpected.length} unexpected ${[...new Set(seen.unexpected)].join()}, ${seen.complete} of ${seen.requests} complete`,
  );
  await lab.close();
}
{
  const lab = await openLab(shop);
  const server = await lab.start({ policy: { breakerOpenMs: 1000, attemptTimeoutMs: 500 } });
  const soak = await runSoak(lab, server, minutes);
  report(
    `F88: after ${minutes} min of random faults the heap grows by less than 1 MB a minute, sockets and timers are back`,
    soak.slopeUpperMb < 1 &&
      soak.sockets.after <= soak.sockets.before + keptAlive &&
      soak.timers.after <= soak.timers.before + 4,
    JSON.stringify(soak),
  );
  await lab.close();
}
for (const service of ['users', 'recommendations', 'catalog', 'orders'] as const) {
  const lab = await openLab(shop);
  const seen = await measureHanging(lab, service, { requests: 400, rounds: 9 });
  report(
    `${service} hangs: p99 within the section's 800 ms until the breaker opens, then within 1.2 x the healthy one (both pass within 3 x)`,
    seen.untilOpen.p99 <= 3 * 800 && seen.onceOpen.p99 <= 3 * 1.2 * seen.healthy.p99,
    `healthy ${seen.healthy.p99} ms, until open ${seen.untilOpen.p99} ms, once open ${seen.onceOpen.p99} ms`,
  );
  await lab.close();
}
await shop.close();
process.exit(isWell ? 0 : 1);
