import { availableParallelism } from 'node:os';
import { quality } from '../../shared/images/encoding.ts';
import { askAll } from './client.ts';
import { median, table, verdict } from './figures.ts';
import { rateOfHits } from './hit-client.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';

const widths = [160, 320, 640, 1080] as const;
const formats = ['avif', 'webp', 'jpeg'] as const;
const concurrency = 2 * availableParallelism();

/**
 * Misses and hits beside ipx, its encoders set as ours are. It keeps neither originals nor results, so that every answer of it
 * is a miss: the second figure says what a cache is worth, not who wrote the faster one.
 */
export async function measurePeer(photographs: readonly Photograph[], media: Media, rounds: number): Promise<void> {
  const peer = await startPeer(media);
  if (peer === null) return;
  const ours = await startOptimizer(media);
  const rates = { ours: [] as number[], peer: [] as number[], hitsOurs: [] as number[], hitsPeer: [] as number[] };
  const asked = photographs.flatMap((photograph) =>
    widths.flatMap((width) => formats.map((format) => ({ photograph, width, format }))),
  );
  const peerPaths = asked.map(
    ({ photograph, width, format }) => `/w_${width},f_${format},q_${quality.normal[format]}/${media.urlOf(photograph)}`,
  );
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const urls = asked.map(({ photograph, width, format }) =>
        ours.sign(photograph, { width, format, version: `round-${round}` }),
      );
      const misses = {
        ours: (urls.length * 1000) / (await askAll(urls, { concurrency })),
        peer:
          (urls.length * 1000) /
          (await askAll(
            peerPaths.map((path) => `http://127.0.0.1:${peer.port}${path}`),
            { concurrency },
          )),
      };
      const hits = {
        ours: await hitsOf(
          ours.port,
          urls.map((url) => new URL(url).pathname),
        ),
        peer: await hitsOf(peer.port, peerPaths),
      };
      if (round === 0) continue;
      rates.ours.push(misses.ours);
      rates.peer.push(misses.peer);
      rates.hitsOurs.push(hits.ours);
      rates.hitsPeer.push(hits.peer);
    }
  } finally {
    await Promise.all([ours.stop(), peer.stop()]);
  }
  const ratioOf = (mine: readonly number[], theirs: readonly number[]) =>
    median(mine.map((value, round) => value / (theirs[round] ?? value)));
  const [misses, hits] = [ratioOf(rates.ours, rates.peer), ratioOf(rates.hitsOurs, rates.hitsPeer)];
  process.stdout.write(`\n## Beside ipx (${asked.length} variants a round, ${rounds} rounds)\n\n`);
  const rows = [
    ['misses', median(rates.ours).toFixed(1), median(rates.peer).toFixed(1), misses.toFixed(2)],
    ['the same again', median(rates.hitsOurs).toFixed(1), median(rates.hitsPeer).toFixed(1), hits.toFixed(1)],
  ];
  process.stdout.write(`${table(['', 'ours /s', 'ipx /s', 'ratio'], rows)}\n`);
  verdict('misses beside ipx', { figure: `${misses.toFixed(2)} x`, limit: '>= 1 x', isMet: misses >= 1 });
  verdict('hits beside ipx', { figure: `${hits.toFixed(1)} x`, limit: '>= 3 x', isMet: hits >= 3 });
}

function hitsOf(port: number, paths: readonly string[]): Promise<number> {
  return rateOfHits({ port, paths, accept: 'image/avif', connections: 32, seconds: 2 });
}

async function startPeer(media: Media): Promise<MeasuredProcess | null> {
  try {
    import.meta.resolve('ipx');
  } catch {
    process.stdout.write('\n## Beside ipx\n\nnot measured: run `npm ci --prefix bench/images` first\n');
    return null;
  }
  return startMeasured('ipx.ts', { mediaHost: new URL(media.url).host });
}
