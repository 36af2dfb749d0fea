import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageOptions } from '../../shared/images/image-options.ts';
import type { ImageLimits } from '../../shared/images/image-settings.ts';
import { createImageSigner } from '../../shared/images/signed-url.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import type { Media, Photograph } from './photographs.ts';

export const benchWidths = [96, 160, 240, 320, 480, 640, 828, 1080, 1280, 1600] as const;

const keys = [{ id: 'bench', secret: 'only-for-measuring-0123456789abcdef' }];

export interface OptimizerUnderTest extends MeasuredProcess {
  sign(photograph: Photograph, options: Pick<ImageOptions, 'width' | 'format'> & Partial<ImageOptions>): string;
}

/** The optimiser in a process of its own, on an empty cache. */
export async function startOptimizer(media: Media, limits: Partial<ImageLimits> = {}): Promise<OptimizerUnderTest> {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'shop-bff-bench-'));
  const measured = await startMeasured('ours.ts', {
    host: '127.0.0.1',
    port: 0,
    basePath: '/images',
    keys,
    widths: benchWidths,
    origins: [],
    privateOrigins: [media.url],
    cacheDirectory,
    limits,
  });
  const signer = createImageSigner({ keys, baseUrl: `http://127.0.0.1:${measured.port}`, basePath: '/images' });
  return {
    ...measured,
    sign: (photograph, options) =>
      signer.sign({ source: media.urlOf(photograph), version: 'v1', fit: 'inside', ...options }),
    async stop() {
      await measured.stop();
      await rm(cacheDirectory, { recursive: true, force: true });
    },
  };
}
