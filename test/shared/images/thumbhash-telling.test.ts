import { describe, expect, it, onTestFinished } from 'vitest';
import { createDiskCache } from '../../../shared/images/disk-cache.ts';
import type { ImageOptions } from '../../../shared/images/image-options.ts';
import { type ImageLimits, imageLimits } from '../../../shared/images/image-settings.ts';
import { originalKey } from '../../../shared/images/image-source.ts';
import { createOptimizer, variantKey } from '../../../shared/images/optimizer.ts';
import { createOrigin } from '../../../shared/images/origin.ts';
import { createOriginList } from '../../../shared/images/origin-list.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { paintJpeg } from './pictures.ts';
import { serveOriginals } from './running-images.ts';

const hourMs = 3_600_000;
const never = new AbortController().signal;
const options: ImageOptions = { version: 'v1', width: 64, fit: 'inside', format: 'webp' };

/** An optimiser that was started a while ago, and a picture of it. */
async function startOptimizer(limits: Partial<ImageLimits> = {}) {
  const { port } = await serveOriginals({ '/a.jpg': await paintJpeg(120, 80) });
  const source = `http://127.0.0.1:${port}/a.jpg`;
  const clock = createFakeClock();
  await clock.advance(1000);
  const told: string[] = [];
  const folder = createTemporaryFolder();
  const cache = (name: string) => createDiskCache({ directory: `${folder}/${name}`, maxBytes: 1_000_000 });
  const deps = { origin: createOrigin(imageLimits), originals: cache('originals'), variants: cache('variants') };
  const optimizer = createOptimizer(
    { ...deps, clock, onThumbhash: (key) => told.push(key) },
    { ...imageLimits, ...limits },
  );
  onTestFinished(async () => {
    await deps.origin.close();
    await Promise.all([deps.originals.close(), deps.variants.close()]);
  });
  const key = variantKey(source, options, 'webp');
  const original = createOriginList([], [`http://127.0.0.1:${port}`]).find(source);
  return {
    clock,
    optimizer,
    key,
    told,
    expected: originalKey(source, 'v1'),
    serve: () => optimizer.variant({ key, source, original, options, format: 'webp' }, never),
  };
}

describe('a thumbhash', () => {
  it('is told once an hour while the picture is served from memory: the store may have lost it', async () => {
    const { clock, optimizer, key, told, expected, serve } = await startOptimizer();
    await serve();
    for (let minute = 0; minute < 60; minute += 1) {
      expect(optimizer.peek(key)).not.toBeNull();
      await clock.advance(60_000);
    }
    expect(told).toEqual([expected]);
    await clock.advance(1);
    for (let times = 0; times < 3; times += 1) expect(optimizer.peek(key)).not.toBeNull();
    expect(told).toEqual([expected, expected]);
  });

  it('is told once an hour while the picture is served from disk', async () => {
    const { clock, optimizer, key, told, expected, serve } = await startOptimizer({ maxMemoryBytes: 1 });
    for (let hour = 1; hour <= 3; hour += 1) {
      for (let times = 0; times < 2; times += 1) await serve();
      expect(optimizer.peek(key)).toBeNull();
      expect(told).toEqual(Array<string>(hour).fill(expected));
      await clock.advance(hourMs + 1);
    }
  });
});
