import { kilobytes, median, table, verdict } from './figures.ts';
import { rateOfHits } from './hit-client.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';
import type { BareAnswer } from './servers/bare.ts';
import { takeTurns } from './turns.ts';

const seconds = 3;
const connections = 32;
const accept = 'image/avif';

interface Measured {
  readonly rate: number;
  readonly cpuMicroseconds: number;
}

/** How many hits a second are served, beside a bare Node server of the same bytes under the same headers. */
export async function measureHits(photographs: readonly Photograph[], media: Media, rounds: number): Promise<void> {
  const ours = await startOptimizer(media);
  const rows: string[][] = [];
  let worst = Number.POSITIVE_INFINITY;
  try {
    for (const width of [160, 640] as const) {
      const urls = photographs.map((photograph) => ours.sign(photograph, { width, format: 'auto' }));
      const answers: BareAnswer[] = [];
      for (const url of urls) answers.push(await copyAnswer(url));
      const bare = await startMeasured('bare.ts', answers);
      const paths = answers.map(({ path }) => path);
      const measured = { ours: [] as Measured[], bare: [] as Measured[] };
      // The first round warms both up and does not count.
      for (let round = 0; round <= rounds; round += 1) {
        const pair = await takeTurns(round, {
          ours: () => measure(ours, paths),
          theirs: () => measure(bare, paths),
        });
        if (round === 0) continue;
        measured.ours.push(pair.ours);
        measured.bare.push(pair.theirs);
      }
      await bare.stop();
      const ratio = median(measured.ours.map(({ rate }, round) => rate / (measured.bare[round]?.rate ?? rate)));
      worst = Math.min(worst, ratio);
      const meanBytes = answers.reduce((sum, { base64 }) => sum + base64.length * 0.75, 0) / answers.length;
      rows.push([
        `${width} px`,
        kilobytes(meanBytes),
        ...[measured.ours, measured.bare].flatMap((side) => [
          median(side.map(({ rate }) => rate)).toFixed(0),
          median(side.map(({ cpuMicroseconds }) => cpuMicroseconds)).toFixed(0),
        ]),
        ratio.toFixed(2),
      ]);
    }
  } finally {
    await ours.stop();
  }
  process.stdout.write(`\n## Hits (${connections} connections, ${rounds} rounds of ${seconds} s each)\n\n`);
  const head = ['width', 'bytes', 'ours /s', 'CPU us each', 'bare Node /s', 'CPU us each', 'ratio'];
  process.stdout.write(`${table(head, rows)}\n`);
  verdict('hits beside a bare Node server', {
    figure: `${worst.toFixed(2)} x`,
    limit: '>= 0.5 x',
    isMet: worst >= 0.5,
  });
}

async function measure(server: MeasuredProcess, paths: readonly string[]): Promise<Measured> {
  const before = await server.usage();
  const rate = await rateOfHits({ port: server.port, paths, accept, connections, seconds });
  const cpuMs = (await server.usage()).cpuMs - before.cpuMs;
  return { rate, cpuMicroseconds: (cpuMs * 1000) / (rate * seconds) };
}

/** The picture at a URL, made by asking for it, as a bare server is to serve it. */
async function copyAnswer(url: string): Promise<BareAnswer> {
  const response = await fetch(url, { headers: { accept } });
  const headers = Object.fromEntries(response.headers);
  for (const name of ['date', 'connection', 'keep-alive']) delete headers[name];
  const base64 = Buffer.from(await response.arrayBuffer()).toString('base64');
  return { path: new URL(url).pathname, headers, base64 };
}
