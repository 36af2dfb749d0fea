import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGallery } from '../../demo/media/gallery.ts';
import { createPhotographs, type PhotographRecipe } from '../../demo/world/photographs.ts';
import { type OpenShop, openShop } from './open-shop.ts';

describe('the picture store', () => {
  let shop: OpenShop;
  let cacheDir: string;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'demo-shop-'));
    shop = await openShop({ cacheDir, instances: 1 });
  });
  afterAll(async () => {
    await shop.close();
    await rm(cacheDir, { recursive: true });
  });

  it('has 72 different photographs, and every product’s pictures are among them', async () => {
    const photographs = createPhotographs();
    expect(new Set(photographs.map((photograph) => photograph.version)).size).toBe(72);
    expect(new Set(photographs.map((photograph) => photograph.width / photograph.height)).size).toBeGreaterThan(4);
    const versions = new Map(photographs.map(({ file, version }) => [`${shop.mediaUrl}/photos/${file}`, version]));
    const { body } = await shop.ask('catalog', '/products?ids=product-1,product-200,product-576');
    for (const product of body['items'] ?? []) {
      for (const image of product['images'] ?? []) expect(versions.get(String(image['url']))).toBe(image['version']);
    }
  });

  it('paints a large JPEG of the size that the catalog says, once for callers at the same time, and keeps it', async () => {
    const { body } = await shop.ask('catalog', '/products/product-9');
    const image = body['images']?.[0];
    const fetched = await Promise.all(Array.from({ length: 8 }, () => fetch(String(image?.['url']))));
    const [first, ...others] = await Promise.all(
      fetched.map(async (response) => Buffer.from(await response.arrayBuffer())),
    );
    if (!first) throw new Error('Nothing was painted.');
    expect(others.every((other) => other.equals(first))).toBe(true);
    expect(fetched[0]?.headers.get('etag')).toBe(`"${String(image?.['version'])}"`);
    const { format, width, height } = await sharp(first).metadata();
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: image?.['width'], height: image?.['height'] });
    expect(Math.max(width, height)).toBeGreaterThanOrEqual(2_000);
    expect(first.length).toBeGreaterThan(500_000);
    expect(first.length).toBeLessThan(3_000_000);
    const [stats] = (await sharp(first).extract({ left: 0, top: 0, width: 200, height: 200 }).stats()).channels;
    expect(stats?.stdev).toBeGreaterThan(2);
    expect(await readdir(cacheDir)).toEqual([expect.stringContaining(String(image?.['version']))]);
  });

  it('answers HEAD and 304', async () => {
    const url = `${shop.mediaUrl}/avatars/1.jpg`;
    const picture = await fetch(url);
    const { byteLength } = await picture.arrayBuffer();
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(byteLength));
    expect(head.headers.get('content-type')).toBe('image/jpeg');
    const unchanged = await fetch(url, { headers: { 'if-none-match': picture.headers.get('etag') ?? '' } });
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
    expect(shop.calls.report().services['media']?.routes).toMatchObject({
      'GET /avatars/{file}': 2,
      'HEAD /avatars/{file}': 1,
    });
  });

  it.each(['/photos/none-1.jpg', '/photos/..%2f..%2fetc%2fpasswd', '/photos/books-1.png', '/photos/'])(
    'has no %s',
    async (path) => {
      expect((await shop.ask('media', path)).status).toBe(404);
    },
  );

  it('paints without a folder to keep pictures in, and says so once', async () => {
    const lines: string[] = [];
    const unkept = await openShop({ cacheDir: '/dev/null/pictures', instances: 1, log: (line) => lines.push(line) });
    try {
      for (const file of ['2.jpg', '3.jpg'])
        expect((await fetch(`${unkept.mediaUrl}/avatars/${file}`)).status).toBe(200);
    } finally {
      await unkept.close();
    }
    expect(lines).toEqual([expect.stringContaining('DEMO_CACHE_DIR')]);
  });
});

describe('a gallery', () => {
  it('paints once for callers at the same time, at most two pictures at once, and not again what it kept', async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), 'demo-shop-'));
    const painted: string[] = [];
    const brushes: (() => void)[] = [];
    const paint = async ({ file }: PhotographRecipe) => {
      painted.push(file);
      await new Promise<void>((resolve) => brushes.push(resolve));
      return Buffer.from(file);
    };
    const gallery = createGallery({ paint }, { cacheDir, log: () => undefined });
    const recipes = createPhotographs().slice(0, 3);
    const asked = [...recipes, ...recipes].map((recipe) => gallery.picture('photos', recipe));
    try {
      await expect.poll(() => brushes.length).toBe(2);
      brushes.shift()?.();
      await expect.poll(() => painted.length).toBe(3);
      for (const brush of brushes) brush();
      expect((await Promise.all(asked)).map(String)).toEqual([...recipes, ...recipes].map(({ file }) => file));
      for (const recipe of recipes) expect(String(await gallery.picture('photos', recipe))).toBe(recipe.file);
      expect(painted.toSorted()).toEqual(recipes.map(({ file }) => file).toSorted());
    } finally {
      await rm(cacheDir, { recursive: true });
    }
  });
});
