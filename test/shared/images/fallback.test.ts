import type { Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareLibvips } from '../../../shared/images/decoding.ts';
import { expectColour, make, makeBoth } from './made-variants.ts';
import { colourAt, opaqueButFor, paintJpeg, plain } from './pictures.ts';

beforeAll(prepareLibvips);

describe('the fallback', () => {
  it('is JPEG for a photograph and PNG for what is transparent', async () => {
    const opaque = await paintJpeg(64, 64);
    const transparent = await plain(64, 64, { r: 255, g: 0, b: 0, alpha: 0.5 }).png().toBuffer();
    for (const made of await makeBoth(opaque, { format: 'fallback' })) expect(made.format).toBe('jpeg');
    for (const made of await makeBoth(transparent, { format: 'fallback' })) {
      expect(made.format).toBe('png');
      expectColour(await colourAt(made.body, 0.5, 0.5), [255, 0, 0, 128], 1);
    }
  });

  it('is JPEG where there is an alpha channel through which nothing shows', async () => {
    const original = await plain(64, 64, { r: 255, g: 0, b: 0, alpha: 1 }).png().toBuffer();
    for (const made of await makeBoth(original, { format: 'fallback' })) expect(made.format).toBe('jpeg');
  });

  describe.each<[string, (picture: Sharp) => Sharp]>([
    ['a PNG', (picture) => picture.png()],
    ['a grey PNG', (picture) => picture.greyscale().png()],
    ['a PNG of 16 bits a channel', (picture) => picture.toColourspace('rgb16').png()],
    ['a grey PNG of 16 bits a channel', (picture) => picture.toColourspace('grey16').png()],
    ['a PNG with a palette', (picture) => picture.png({ palette: true })],
    ['a WebP', (picture) => picture.webp({ lossless: true })],
    ['a GIF', (picture) => picture.gif()],
    ['an AVIF', (picture) => picture.avif({ lossless: true, effort: 0 })],
  ])('of %s', (_what, save) => {
    it('is PNG for one transparent pixel, whatever width was asked for first', async () => {
      const original = await save(await opaqueButFor(1)).toBuffer();
      const requests = [16, 400].map((width) => ({ width, format: 'fallback' }) as const);
      const first = await Promise.all(requests.map((request) => make(original, request)));
      for (const [index, request] of requests.entries()) {
        for (const { facts } of first) {
          const again = await make(original, request, facts);
          expect(again.format).toBe('png');
          expect(again.body.equals(first[index]?.body ?? Buffer.alloc(0))).toBe(true);
        }
      }
    });

    it('is JPEG where nothing shows through', async () => {
      const original = await save(await opaqueButFor(0)).toBuffer();
      expect((await make(original, { format: 'fallback' })).format).toBe('jpeg');
    });
  });

  it('is PNG for transparent grey', async () => {
    const original = await plain(64, 64, { r: 90, g: 90, b: 90, alpha: 0.5 }).greyscale().png().toBuffer();
    for (const made of await makeBoth(original, { format: 'fallback' })) expect(made.format).toBe('png');
  });

  it('is JPEG where a photograph is padded, on white', async () => {
    const request = { width: 64, height: 64, fit: 'contain', format: 'fallback' } as const;
    for (const made of await makeBoth(await paintJpeg(128, 32), request)) {
      expect(made.format).toBe('jpeg');
      expectColour(await colourAt(made.body, 0.5, 0.05), [255, 255, 255], 3);
    }
  });

  it('named as JPEG is on white where the original is transparent', async () => {
    const original = await plain(64, 64, { r: 0, g: 0, b: 0, alpha: 0 }).png().toBuffer();
    for (const { body } of await makeBoth(original, { format: 'jpeg' })) {
      expectColour(await colourAt(body, 0.5, 0.5), [255, 255, 255], 2);
    }
  });

  it('keeps transparency in AVIF and WebP, padding included', async () => {
    const original = await plain(64, 32, { r: 255, g: 0, b: 0, alpha: 0.5 }).png().toBuffer();
    for (const format of ['avif', 'webp'] as const) {
      for (const { body } of await makeBoth(original, { format, width: 32, height: 32, fit: 'contain' })) {
        expectColour([(await colourAt(body, 0.5, 0.5))[3] ?? -1], [128], 2);
        expectColour([(await colourAt(body, 0.5, 0.05))[3] ?? -1], [0], 2);
      }
    }
  });
});
