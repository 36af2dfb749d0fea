// sharp called directly with the settings that the optimiser uses: what a miss is held against.
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { openOptions, prepareLibvips } from '../../../shared/images/decoding.ts';
import { type EncodedFormat, encode } from '../../../shared/images/encoding.ts';
import { imageLimits } from '../../../shared/images/image-settings.ts';
import { serveMeasured } from './measured.ts';

export interface DirectTask {
  readonly concurrency: number;
  readonly variants: readonly {
    readonly path: string;
    readonly width: number;
    readonly height: number;
    readonly format: EncodedFormat;
  }[];
}

serveMeasured<DirectTask>(async () => {
  prepareLibvips();
  return {
    port: 0,
    async run({ concurrency, variants }) {
      const left = variants.values();
      const work = async () => {
        for (const { path, width, height, format } of left) {
          const original = await readFile(path);
          const picture = sharp(original, openOptions(imageLimits)).resize(width, height, { fit: 'fill' });
          await encode(picture, format, false).toBuffer();
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
    },
  };
});
