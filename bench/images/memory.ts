import { imageFits } from '../../shared/images/image-options.ts';
import { type AspectRatio, aspectRatios, boxHeight } from '../../shared/images/image-variants.ts';
import { askAll } from './client.ts';
import { megabytes, table, verdict } from './figures.ts';
import { benchWidths, type OptimizerUnderTest, startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';

const concurrency = 32;
const maxVariants = 10_000;
const sampleMs = 1000;
const formats = ['avif', 'webp', 'jpeg', 'webp'] as const;

/** What the process holds while it makes thousands of variants, none of them twice, for some minutes. */
export async function measureMemory(photographs: readonly Photograph[], media: Media, minutes: number): Promise<void> {
  // How long the line is at 32 at a time on two cores is not what is asked here.
  const ours = await startOptimizer(media, { totalTimeoutMs: 120_000 });
  const samples: number[] = [];
  let made = 0;
  const { rssBytes: startBytes } = await ours.usage();
  const timer = setInterval(
    () =>
      void ours.usage().then(
        ({ rssBytes }) => samples.push(rssBytes),
        () => {},
      ),
    sampleMs,
  );
  try {
    const urls = untilTimeIsUp(distinctVariants(photographs, ours), performance.now() + minutes * 60_000);
    await askAll(urls, { concurrency, onAnswer: () => (made += 1) });
  } finally {
    clearInterval(timer);
    await ours.stop();
  }
  report(samples, startBytes, `${made} distinct variants, ${concurrency} at a time, ${minutes} min at most`);
}

function report(samples: readonly number[], startBytes: number, what: string): void {
  const partOf = (from: number, to: number) =>
    samples.slice(Math.floor(from * samples.length), Math.floor(to * samples.length));
  const most = (values: readonly number[]) => values.reduce((highest, value) => Math.max(highest, value), 0);
  const tenths = Array.from({ length: 10 }, (_, part) => [
    `${(part + 1) * 10} %`,
    megabytes(most(partOf(part / 10, (part + 1) / 10))),
  ]);
  process.stdout.write(`\n## Memory (${what})\n\n`);
  process.stdout.write(`${megabytes(startBytes)} at the start; the most in each tenth of the run:\n\n`);
  process.stdout.write(`${table(['until', 'resident'], tenths)}\n`);
  const above = most(samples) - startBytes;
  verdict('memory above the start', { figure: megabytes(above), limit: '<= 300 MB', isMet: above <= 300e6 });
  const growth = most(partOf(0.5, 1)) - most(partOf(0, 0.5));
  verdict('memory levels off: the most of the second half over that of the first', {
    figure: megabytes(growth),
    limit: '<= 30 MB',
    isMet: growth <= 30e6,
  });
}

function* untilTimeIsUp(urls: Iterable<string>, endsMs: number): Generator<string> {
  for (const url of urls) {
    if (performance.now() > endsMs) return;
    yield url;
  }
}

/** Small and large, cheap and dear in turn, so that the first minute is like the last. */
function* distinctVariants(photographs: readonly Photograph[], ours: OptimizerUnderTest): Generator<string> {
  const ratios = Object.keys(aspectRatios) as AspectRatio[];
  for (let number = 0; number < maxVariants; number += 1) {
    const photograph = photographs[number % photographs.length];
    const width = benchWidths[Math.floor(number / photographs.length) % benchWidths.length];
    const kind = Math.floor(number / (photographs.length * benchWidths.length));
    const ratio = ratios[kind % ratios.length];
    if (photograph === undefined || width === undefined || ratio === undefined) return;
    yield ours.sign(photograph, {
      width,
      height: boxHeight(width, ratio),
      fit: imageFits[Math.floor(kind / ratios.length) % imageFits.length] ?? 'cover',
      format: formats[(number + kind) % formats.length] ?? 'webp',
      // Whatever came round again is another version, and is downloaded anew.
      version: `v${Math.floor(kind / (ratios.length * imageFits.length))}`,
    });
  }
}
