import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { quality } from '../../shared/images/encoding.ts';
import { installPeers } from '../packages.ts';
import { askAll } from './client.ts';
import { median, table, verdict } from './figures.ts';
import { rateOfHits } from './hit-client.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';
import { type Pair, takeTurns } from './turns.ts';

const widths = [160, 320, 640, 1080] as const;
const formats = ['avif', 'webp', 'jpeg'] as const;
type Format = (typeof formats)[number];
const concurrency = 2 * availableParallelism();

/**
 * Misses and hits beside ipx, its encoders set as ours are. It keeps neither originals nor results, so that every answer of it
 * is a miss: the second figure says what a cache is worth, not who wrote the faster one.
 */
export async function measurePeer(photographs: readonly Photograph[], media: Media, rounds: number): Promise<void> {
  const peer = await startPeer(media);
  if (peer === null) return;
  const ours = await startOptimizer(media);
  const perFormat = photographs.length * widths.length;
  const missRates = new Map(formats.map((format) => [format, [] as Pair<number>[]]));
  const allMisses: Pair<number>[] = [];
  const allHits: Pair<number>[] = [];
  const peerPathsOf = (format: Format) =>
    photographs.flatMap((photograph) =>
      widths.map((width) => `/w_${width},f_${format},q_${quality.normal[format]}/${media.urlOf(photograph)}`),
    );
  const urlsOf = (format: Format, round: number) =>
    photographs.flatMap((photograph) =>
      widths.map((width) => ours.sign(photograph, { width, format, version: `${format}-${round}` })),
    );
  try {
    // The first round warms both up and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      const spentMs = { ours: 0, theirs: 0 };
      for (const format of formats) {
        const took = await takeTurns(round, {
          ours: () => askAll(urlsOf(format, round), { concurrency }),
          theirs: () =>
            askAll(
              peerPathsOf(format).map((path) => `http://127.0.0.1:${peer.port}${path}`),
              { concurrency },
            ),
        });
        spentMs.ours += took.ours;
        spentMs.theirs += took.theirs;
        if (round > 0) missRates.get(format)?.push(ratesOf(perFormat, took));
      }
      const hits = await takeTurns(round, {
        ours: () =>
          hitsOf(
            ours.port,
            formats.flatMap((format) => urlsOf(format, round)).map((url) => new URL(url).pathname),
          ),
        theirs: () => hitsOf(peer.port, formats.flatMap(peerPathsOf)),
      });
      if (round === 0) continue;
      allMisses.push(ratesOf(perFormat * formats.length, spentMs));
      allHits.push(hits);
    }
  } finally {
    await Promise.all([ours.stop(), peer.stop()]);
  }
  const misses = [...missRates, ['all formats', allMisses] as const];
  process.stdout.write(`\n## Beside ipx (${perFormat * formats.length} variants a round, ${rounds} rounds)\n\n`);
  const rows = [...misses.map(([what, pairs]) => rowOf(`misses, ${what}`, pairs)), rowOf('the same again', allHits)];
  process.stdout.write(`${table(['', 'ours /s', 'ipx /s', 'ratio'], rows)}\n`);
  for (const [what, pairs] of misses) {
    const ratio = ratioOf(pairs);
    verdict(`misses beside ipx, ${what}`, { figure: `${ratio.toFixed(2)} x`, limit: '>= 1 x', isMet: ratio >= 1 });
  }
  const ratio = ratioOf(allHits);
  verdict('hits beside ipx', { figure: `${ratio.toFixed(1)} x`, limit: '>= 3 x', isMet: ratio >= 3 });
}

function ratesOf(count: number, { ours, theirs }: Pair<number>): Pair<number> {
  return { ours: (count * 1000) / ours, theirs: (count * 1000) / theirs };
}

function ratioOf(pairs: readonly Pair<number>[]): number {
  return median(pairs.map(({ ours, theirs }) => ours / theirs));
}

function rowOf(what: string, pairs: readonly Pair<number>[]): string[] {
  const medianOf = (side: keyof Pair<number>) => median(pairs.map((pair) => pair[side])).toFixed(1);
  return [what, medianOf('ours'), medianOf('theirs'), ratioOf(pairs).toFixed(2)];
}

function hitsOf(port: number, paths: readonly string[]): Promise<number> {
  return rateOfHits({ port, paths, accept: 'image/avif', connections: 32, seconds: 2 });
}

async function startPeer(media: Media): Promise<MeasuredProcess | null> {
  try {
    installPeers(fileURLToPath(new URL('.', import.meta.url)));
  } catch (error) {
    process.stdout.write(`\n## Beside ipx\n\nnot measured: ${String(error)}\n`);
    process.exitCode = 1;
    return null;
  }
  return startMeasured('ipx.ts', { mediaHost: new URL(media.url).host });
}
