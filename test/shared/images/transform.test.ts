import * as fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareLibvips } from '../../../shared/images/decoding.ts';
import { imageFits } from '../../../shared/images/image-options.ts';
import { imageLimits } from '../../../shared/images/image-settings.ts';
import { variantSize } from '../../../shared/images/image-variants.ts';
import { type OriginalFacts, transform } from '../../../shared/images/transform.ts';
import { base, expectColour, make, makeBoth } from './made-variants.ts';
import { animatedPng, animation, colourAt, halves, jpegOfScans, paint, paintJpeg, plain, pngBomb } from './pictures.ts';

beforeAll(prepareLibvips);

describe('a variant', () => {
  it('has the size that is said of it, in every fit, the first time and later', async () => {
    const size = fc.integer({ min: 1, max: 300 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ width: size, height: size }),
        fc.record({ width: size, height: fc.option(size, { nil: undefined }), fit: fc.constantFrom(...imageFits) }),
        async (originalSize, request) => {
          const original = await plain(originalSize.width, originalSize.height, '#336699').png().toBuffer();
          const said = variantSize(originalSize, request, request.fit);
          for (const { body } of await makeBoth(original, request)) {
            const { width, height } = await sharp(body).metadata();
            expect({ width, height }).toEqual(said);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is never larger than its original or its box', () => {
    const size = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(
        fc.record({ width: size, height: size }),
        fc.record({ width: size, height: fc.option(size, { nil: undefined }) }),
        fc.constantFrom(...imageFits),
        (original, box, fit) => {
          const { width, height } = variantSize(original, box, fit);
          expect(width).toBeGreaterThanOrEqual(1);
          expect(height).toBeGreaterThanOrEqual(1);
          expect(width).toBeLessThanOrEqual(box.width);
          expect(height).toBeLessThanOrEqual(box.height ?? original.height);
          expect(fit === 'contain' || (width <= original.width && height <= original.height)).toBe(true);
        },
      ),
    );
  });

  it.each(['avif', 'webp', 'jpeg', 'png'] as const)(
    'of an original taller than WebP can be is as tall as it can be (%s)',
    async (format) => {
      const original = await plain(100, 20_000, '#c02010').png().toBuffer();
      const said = variantSize({ width: 100, height: 20_000 }, { width: 128 }, 'inside');
      for (const { body } of await makeBoth(original, { width: 128, fit: 'inside', format })) {
        expect(await sharp(body).metadata()).toMatchObject(said);
      }
      expect(said).toEqual({ width: 82, height: 16_383 });
    },
  );

  it.each(['avif', 'webp', 'jpeg', 'png'] as const)('is encoded as %s, smaller when data is saved', async (format) => {
    const original = await paintJpeg(400, 300);
    const [normal, saved] = await Promise.all([
      make(original, { width: 320, format }),
      make(original, { width: 320, format, isDataSaver: true }),
    ]);
    const metadata = await sharp(normal.body).metadata();
    expect(metadata.format === 'heif' ? metadata.compression === 'av1' && 'avif' : metadata.format).toBe(format);
    expect(saved.body.length).toBeLessThan(normal.body.length * 0.9);
  });

  it.each([
    ['a photograph', () => paintJpeg(641, 427)],
    [
      'one that lies on its side',
      async () => (await paint(641, 427)).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    ],
    ['one of 16 bits a channel', async () => (await paint(333, 222)).toColourspace('rgb16').png().toBuffer()],
    ['a transparent one', async () => (await paint(333, 222)).ensureAlpha(0.5).png().toBuffer()],
    ['a grey one', async () => (await paint(641, 427)).greyscale().jpeg().toBuffer()],
  ])('of %s is the same bytes the first time and later, as its entity tag says', async (_what, save) => {
    const original = await save();
    const height = 120;
    for (const fit of imageFits) {
      for (const format of ['avif', 'webp', 'jpeg', 'png', 'fallback'] as const) {
        const [first, later] = await makeBoth(original, {
          width: 160,
          ...(fit === 'inside' ? {} : { height }),
          fit,
          format,
        });
        expect(later?.body.equals(first?.body ?? Buffer.alloc(0)), `${fit} ${format}`).toBe(true);
      }
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('stands upright with EXIF orientation %i', async (orientation) => {
    // As the camera saves it: turned so that the orientation undoes it. Upright, the left is red and the right is blue.
    const upright = await halves({ width: 120, height: 80 }, '#ff0000', '#0000ff');
    const undo: Record<number, (picture: Sharp) => Sharp> = {
      1: (picture) => picture,
      2: (picture) => picture.flop(),
      3: (picture) => picture.rotate(180),
      4: (picture) => picture.flip(),
      5: (picture) => picture.rotate(270).flop(),
      6: (picture) => picture.rotate(270),
      7: (picture) => picture.rotate(90).flop(),
      8: (picture) => picture.rotate(90),
    };
    const stored = await (undo[orientation]?.(upright) ?? upright).png().toBuffer();
    const original = await sharp(stored).withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer();
    for (const { body, facts } of await makeBoth(original, { width: 60 })) {
      expect([facts.width, facts.height]).toEqual([120, 80]);
      expect(await sharp(body).metadata()).toMatchObject({ width: 60, height: 40 });
      expectColour(await colourAt(body, 0.1, 0.5), [255, 0, 0], 6);
      expectColour(await colourAt(body, 0.9, 0.5), [0, 0, 255], 6);
    }
  });

  it('carries nothing that tells where, when and with what it was taken', async () => {
    const original = await (await paint(100, 80))
      .withExif({ IFD0: { Copyright: 'canary' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">canary</x:xmpmeta>')
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    expect(original.includes('canary')).toBe(true);
    for (const format of ['avif', 'webp', 'jpeg', 'png'] as const) {
      for (const { body } of await makeBoth(original, { format })) {
        const { exif, xmp, icc, iptc, orientation } = await sharp(body).metadata();
        expect({ exif, xmp, icc, iptc, orientation }).toEqual({});
        expect(body.includes('canary')).toBe(false);
      }
    }
  });

  it.each(['avif', 'webp', 'jpeg', 'png'] as const)(
    'of a wide-gamut photograph has its colours in sRGB, as %s',
    async (format) => {
      const colour = [200, 100, 50];
      const original = await plain(64, 64, { r: 200, g: 100, b: 50 }).withIccProfile('p3').png().toBuffer();
      const stored = await sharp(original, { ignoreIcc: true }).raw().toBuffer();
      // In the file stand other numbers, which would show as a paler colour.
      expect(Math.abs((stored[0] ?? 0) - 200)).toBeGreaterThan(8);
      for (const { body } of await makeBoth(original, { format }))
        expectColour(await colourAt(body, 0.5, 0.5), colour, 4);
    },
  );

  it.each(['p3', 'srgb'])('of an original of 16 bits a channel in the profile %s has its colours', async (profile) => {
    const colour = { r: 200, g: 100, b: 50, alpha: 0.5 };
    const original = await plain(64, 64, colour).toColourspace('rgb16').withIccProfile(profile).png().toBuffer();
    expect(await sharp(original).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true });
    for (const { body } of await makeBoth(original)) {
      expectColour(await colourAt(body, 0.5, 0.5), [200, 100, 50, 128], 2);
    }
  });

  it.each([
    ['16 bits a channel', 1, (picture: Sharp) => picture.toColourspace('rgb16').png()],
    ['CMYK, which holds fewer colours', 12, (picture: Sharp) => picture.withIccProfile('cmyk').jpeg({ quality: 100 })],
    ['a palette', 1, (picture: Sharp) => picture.png({ palette: true })],
  ])('of an original in %s has the same colours', async (_what, tolerance, save) => {
    const original = await save(plain(64, 64, { r: 150, g: 130, b: 120 })).toBuffer();
    for (const { body } of await makeBoth(original))
      expectColour(await colourAt(body, 0.5, 0.5), [150, 130, 120], tolerance);
  });

  it('of a grey original is grey', async () => {
    const original = await plain(64, 64, '#808080').greyscale().png().toBuffer();
    for (const { body } of await makeBoth(original)) {
      for (const value of await colourAt(body, 0.5, 0.5)) expect(value).toBe(128);
    }
  });

  it.each(['gif', 'webp'] as const)('of an animation (%s) is its first frame', async (kind) => {
    for (const { body } of await makeBoth(await animation(5, kind))) {
      const { pages, width, height } = await sharp(body).metadata();
      expect({ pages: pages ?? 1, width, height }).toEqual({ pages: 1, width: 16, height: 16 });
      expectColour(await colourAt(body, 0.5, 0.5), [255, 0, 0], 3);
    }
  });
});

describe('a crop', () => {
  it('is the middle with cover', async () => {
    const original = await (await halves({ width: 300, height: 100 }, '#ff0000', '#0000ff')).png().toBuffer();
    for (const { body } of await makeBoth(original, { width: 100, height: 100, fit: 'cover' })) {
      expectColour(await colourAt(body, 0.25, 0.5), [255, 0, 0], 3);
      expectColour(await colourAt(body, 0.75, 0.5), [0, 0, 255], 3);
    }
  });

  it('is where the eye goes with attention', async () => {
    const eyeCatcher = await plain(60, 60, '#ff2200').png().toBuffer();
    const original = await plain(600, 200, '#888888')
      .composite([{ input: eyeCatcher, left: 500, top: 70 }])
      .png()
      .toBuffer();
    const red = async (body: Buffer) => {
      const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true });
      let count = 0;
      for (let at = 0; at < data.length; at += info.channels) if ((data[at] ?? 0) > 200) count += 1;
      return count;
    };
    for (const { body } of await makeBoth(original, { width: 100, height: 100, fit: 'attention' })) {
      expect(await red(body)).toBeGreaterThan(400);
    }
    for (const { body } of await makeBoth(original, { width: 100, height: 100, fit: 'cover' }))
      expect(await red(body)).toBe(0);
  });
});

describe('a thumbhash', () => {
  it('shows the ratio and the colour of the whole original, whatever the first variant crops', async () => {
    const original = await (await halves({ width: 300, height: 100 }, '#c00000', '#0000c0')).png().toBuffer();
    for (const fit of imageFits) {
      const { facts } = await make(original, { width: 50, height: 50, fit });
      const hash = Buffer.from(facts.thumbhash, 'base64');
      expect(thumbHashToApproximateAspectRatio(hash)).toBeGreaterThan(2);
      const { r, b, a } = thumbHashToAverageRGBA(hash);
      expect([r, b].every((value) => Math.abs(value - 0.376) < 0.1)).toBe(true);
      expect(a).toBe(1);
    }
  });

  it('knows transparency', async () => {
    const original = await plain(64, 64, { r: 255, g: 0, b: 0, alpha: 0.5 }).png().toBuffer();
    const { facts } = await make(original);
    expect(thumbHashToAverageRGBA(Buffer.from(facts.thumbhash, 'base64')).a).toBeLessThan(1);
  });
});

describe('an original that cannot be served', () => {
  const unreadable = { code: 'DOWNSTREAM_BAD_RESPONSE' };
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';

  it('because it declares 30,000 x 30,000 pixels in 50 KB is refused before a pixel is decoded', async () => {
    const bomb = pngBomb(30_000);
    expect(bomb.length).toBeLessThan(51_000);
    const before = process.memoryUsage().rss;
    await expect(make(bomb)).rejects.toMatchObject(unreadable);
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  });

  it.each([
    ['SVG', Buffer.from(svg)],
    ['SVG behind an XML header', Buffer.from(`<?xml version="1.0"?>${svg}`)],
    ['SVG behind the first bytes of a JPEG', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from(svg)])],
    ['HTML', Buffer.from('<!doctype html><html><body>Not found</body></html>')],
    ['PDF', Buffer.from('%PDF-1.4\n%EOF')],
    ['a program for ImageMagick', Buffer.from('push graphic-context\nviewbox 0 0 640 480\npop graphic-context')],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['HEIC that calls itself AVIF', Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1heic')],
    ['empty', Buffer.alloc(0)],
    ['only first bytes', Buffer.from([0xff, 0xd8, 0xff])],
    [
      'noise behind the first bytes of a PNG',
      Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(500, 7)]),
    ],
  ])('because it is %s is refused', async (_what, original) => {
    await expect(make(original)).rejects.toMatchObject(unreadable);
  });

  it('because it is TIFF, which no phone sends, is refused', async () => {
    await expect(make(await plain(9, 9, '#fff').tiff().toBuffer())).rejects.toMatchObject(unreadable);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('because its %s was cut off is refused', async (kind) => {
    const whole = await (await paint(300, 200))[kind]().toBuffer();
    await make(whole);
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      await expect(make(cut), `${kind} at ${share}`).rejects.toMatchObject(unreadable);
    }
  });

  it.each(['gif', 'webp'] as const)('because it has 301 frames (%s) is refused, and 300 are fine', async (kind) => {
    await expect(make(await animation(301, kind))).rejects.toMatchObject(unreadable);
    expect((await make(await animation(300, kind))).facts.width).toBe(16);
  });

  it.each([
    ['declares', animatedPng(301, 1)],
    ['has', animatedPng(300, 301)],
  ])('because it %s 301 frames as an animated PNG is refused, and 300 are fine', async (_what, original) => {
    await expect(make(original)).rejects.toMatchObject(unreadable);
    expect((await make(animatedPng(300))).facts.width).toBe(8);
  });

  it('because it is a JPEG of 101 scans is refused, and 100 are fine', async () => {
    await expect(make(await jpegOfScans(101))).rejects.toMatchObject(unreadable);
    expect((await make(await jpegOfScans(100))).facts.width).toBe(16);
  });

  it.each([
    ['GIF', () => animation(5, 'gif')],
    ['WebP', () => animation(5, 'webp')],
    ['PNG', () => animatedPng(5)],
  ])('because its animation (%s) was cut off behind the first frame is refused', async (_kind, draw) => {
    const whole = await draw();
    await make(whole);
    for (const share of [0.7, 0.9]) {
      await expect(make(whole.subarray(0, whole.length * share))).rejects.toMatchObject(unreadable);
    }
  });

  it('because only the end of its PNG is missing is refused', async () => {
    const whole = await (await paint(60, 40)).png().toBuffer();
    await expect(make(whole.subarray(0, -12))).rejects.toMatchObject(unreadable);
  });

  it('is not refused for bytes behind its end, nor as a GIF for the trailer that some programs leave out', async () => {
    const png = await (await paint(60, 40)).png().toBuffer();
    const gif = await (await paint(60, 40)).gif().toBuffer();
    for (const original of [
      Buffer.concat([png, Buffer.alloc(9)]),
      Buffer.concat([gif, Buffer.alloc(9)]),
      gif.subarray(0, -1),
    ]) {
      expect((await make(original)).facts.width).toBe(60);
    }
  });

  it('because it is over 50 megapixels is refused, whatever was known of it', async () => {
    const limits = { ...imageLimits, maxPixels: 9999 };
    const original = await plain(100, 100, '#fff').png().toBuffer();
    const facts: OriginalFacts = {
      width: 100,
      height: 100,
      isDeep: false,
      hasAlpha: false,
      isTransparent: false,
      thumbhash: '',
    };
    for (const known of [null, facts]) {
      await expect(transform(original, base, { limits, facts: known })).rejects.toMatchObject(unreadable);
    }
  });
});
