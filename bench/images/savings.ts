import { askAll } from './client.ts';
import { kilobytes, megabytes, table } from './figures.ts';
import { startOptimizer } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';

const widths = [160, 320, 480, 640, 1080] as const;
const kinds = [
  { name: 'AVIF', format: 'avif', isDataSaver: false },
  { name: 'AVIF, saving', format: 'avif', isDataSaver: true },
  { name: 'WebP', format: 'webp', isDataSaver: false },
  { name: 'WebP, saving', format: 'webp', isDataSaver: true },
  { name: 'JPEG', format: 'jpeg', isDataSaver: false },
  { name: 'JPEG, saving', format: 'jpeg', isDataSaver: true },
] as const;

/** What the phone's home screen weighs, beside the originals. */
export async function measureSavings(photographs: readonly Photograph[], media: Media): Promise<void> {
  const ours = await startOptimizer(media);
  const originals = photographs.reduce((sum, { jpeg }) => sum + jpeg.length, 0);
  const rows: string[][] = [];
  try {
    for (const { name, format, isDataSaver } of kinds) {
      const cells: string[] = [name];
      for (const width of widths) {
        let bytes = 0;
        const urls = photographs.map((photograph) => ours.sign(photograph, { width, format, isDataSaver }));
        await askAll(urls, { concurrency: 4, onAnswer: (length) => (bytes += length) });
        cells.push(`${kilobytes(bytes / photographs.length)} (-${(100 * (1 - bytes / originals)).toFixed(1)} %)`);
      }
      rows.push(cells);
    }
  } finally {
    await ours.stop();
  }
  const mean = kilobytes(originals / photographs.length);
  process.stdout.write(`\n## Bytes of the home screen's ${photographs.length} pictures\n\n`);
  process.stdout.write(
    `Originals: ${megabytes(originals)}, ${mean} each. One picture on average, and what is saved:\n\n`,
  );
  process.stdout.write(`${table(['format', ...widths.map((width) => `${width} px`)], rows)}\n`);
}
