import autocannon from 'autocannon';
import { askAll } from './client.ts';
import { kilobytes, median, table, verdict } from './figures.ts';
import { startMeasured } from './measured-process.ts';
import { startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';

const seconds = 3;
const connections = 32;

/** How many hits a second are served, beside a bare Node server of the same bytes under the same headers. */
export async function measureHits(photographs: readonly Photograph[], media: Media, rounds: number): Promise<void> {
  const ours = await startOptimizer(media);
  const rows: string[][] = [];
  let worst = Number.POSITIVE_INFINITY;
  try {
    for (const width of [160, 640] as const) {
      const urls = photographs.map((photograph) => ours.sign(photograph, { width, format: 'auto' }));
      let bytes = 0;
      await askAll(urls, { concurrency: 2, accept: 'image/avif', onAnswer: (length) => (bytes += length) });
      const meanBytes = Math.round(bytes / urls.length);
      const { headers } = await fetch(urls[0] ?? '', { headers: { accept: 'image/avif' } });
      const bare = await startMeasured('bare.ts', { bytes: meanBytes, headers: copiedHeaders(headers, meanBytes) });
      const paths = urls.map((url) => new URL(url).pathname);
      const rates = { ours: [] as number[], bare: [] as number[] };
      // The first round warms both up and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        const measured = { ours: await rate(ours.port, paths), bare: await rate(bare.port, paths) };
        if (round === 0) continue;
        rates.ours.push(measured.ours);
        rates.bare.push(measured.bare);
      }
      await bare.stop();
      const ratio = median(rates.ours.map((value, round) => value / (rates.bare[round] ?? value)));
      worst = Math.min(worst, ratio);
      rows.push([
        `${width} px`,
        kilobytes(meanBytes),
        median(rates.ours).toFixed(0),
        median(rates.bare).toFixed(0),
        ratio.toFixed(2),
      ]);
    }
  } finally {
    await ours.stop();
  }
  process.stdout.write(`\n## Hits (${connections} connections, ${rounds} rounds of ${seconds} s each)\n\n`);
  process.stdout.write(`${table(['width', 'bytes', 'ours /s', 'bare Node /s', 'ratio'], rows)}\n`);
  verdict('hits beside a bare Node server', {
    figure: `${worst.toFixed(2)} x`,
    limit: '>= 0.5 x',
    isMet: worst >= 0.5,
  });
}

/** Answers a second. */
export async function rate(port: number, paths: readonly string[], durationSeconds = seconds): Promise<number> {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: durationSeconds,
    requests: paths.map((path) => ({ path, headers: { accept: 'image/avif' } })),
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were not 200`);
  return result.requests.average;
}

function copiedHeaders(headers: Headers, bytes: number): Record<string, string> {
  const copied = Object.fromEntries(headers);
  for (const name of ['date', 'connection', 'keep-alive']) delete copied[name];
  return { ...copied, 'content-length': String(bytes) };
}
