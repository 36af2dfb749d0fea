import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { variantSize } from '../../shared/images/image-variants.ts';
import { askAll } from './client.ts';
import { median, table, verdict } from './figures.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';
import { takeTurns } from './turns.ts';

const widths = [160, 320, 640, 1080] as const;
const formats = ['avif', 'webp', 'jpeg'] as const;
const concurrency = availableParallelism();

/**
 * What a miss costs beside sharp called directly: HTTP, the download, both writes to the cache, the thumbhash. Every original
 * is new to the optimiser in every round, as its version is.
 */
export async function measureMissCpu(photographs: readonly Photograph[], media: Media, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-bff-bench-'));
  const paths = new Map(photographs.map((photograph) => [photograph, join(folder, `${photograph.name}.jpg`)]));
  for (const [{ jpeg }, path] of paths) await writeFile(path, jpeg);
  const ours = await startOptimizer(media);
  const direct = await startMeasured('direct.ts', null);
  const rows: string[][] = [];
  const ratios = new Map<string, number>();
  const sums = { ours: [] as number[], direct: [] as number[] };
  try {
    for (const format of formats) {
      const costs = { ours: [] as number[], direct: [] as number[] };
      // The first round warms both up and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        const asked = photographs.flatMap((photograph) => widths.map((width) => ({ photograph, width })));
        const urls = asked.map(({ photograph, width }) =>
          ours.sign(photograph, { width, format, version: `${format}-${round}` }),
        );
        const variants = asked.map(({ photograph, width }) => ({
          path: paths.get(photograph) ?? '',
          ...variantSize(photograph, { width }, 'inside'),
          format,
        }));
        const spent = await takeTurns(round, {
          ours: () => cpuOf(ours, () => askAll(urls, { concurrency })),
          theirs: () => cpuOf(direct, () => direct.run({ concurrency, variants })),
        });
        if (round === 0) continue;
        costs.ours.push(spent.ours / urls.length);
        costs.direct.push(spent.theirs / urls.length);
      }
      sums.ours.push(median(costs.ours));
      sums.direct.push(median(costs.direct));
      const ratio = median(costs.ours.map((cost, round) => cost / (costs.direct[round] ?? cost)));
      ratios.set(format, ratio);
      rows.push([format, median(costs.ours).toFixed(1), median(costs.direct).toFixed(1), ratio.toFixed(3)]);
    }
  } finally {
    await Promise.all([ours.stop(), direct.stop(), rm(folder, { recursive: true, force: true })]);
  }
  const count = photographs.length * widths.length;
  process.stdout.write(`\n## CPU of a miss (${count} variants a round, ${rounds} rounds, all originals new)\n\n`);
  process.stdout.write(`${table(['format', 'ours ms', 'sharp ms', 'ratio'], rows)}\n`);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  ratios.set('all formats', total(sums.ours) / total(sums.direct));
  for (const [what, ratio] of ratios) {
    verdict(`CPU of a miss beside sharp, ${what}`, {
      figure: `${ratio.toFixed(3)} x`,
      limit: '<= 1.1 x',
      isMet: ratio <= 1.1,
    });
  }
}

async function cpuOf(measured: MeasuredProcess, work: () => Promise<unknown>): Promise<number> {
  const before = await measured.usage();
  await work();
  return (await measured.usage()).cpuMs - before.cpuMs;
}
