import { readdirSync, rmSync, truncateSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { animation, jpegOfScans, paintJpeg, plain, pngBomb } from './pictures.ts';
import { expectRefusal, serveOriginals, startImages } from './running-images.ts';

const photo = await paintJpeg(600, 400);
const tooManyFrames = await animation(301, 'webp');

describe('an original', () => {
  it.each([
    ['that is not there', 404, 404],
    ['that is gone', 410, 404],
    ['that may not be read', 403, 404],
    ['whose server fails', 500, 504],
    ['whose server is busy', 503, 504],
  ])('%s', async (_what, originStatus, status) => {
    const { get } = await startImages({ originals: { '/a.jpg': originStatus } });
    expectRefusal(await get('/a.jpg'), status);
  });

  it('that takes a decoder thousands of times over its pixels is refused before the first, and that is remembered', async () => {
    const { get, server, seen } = await startImages({ originals: { '/a.jpg': await jpegOfScans(800) } });
    for (const width of [64, 128]) expectRefusal(await get('/a.jpg', { width }), 422);
    expect(seen.requests).toEqual(['/a.jpg']);
    expect(server.counts()).toMatchObject({ downloaded: 1, transformed: 0 });
  });

  it('that redirects is not found, and the other place is not visited', async () => {
    const inside = await serveOriginals({ '/a.jpg': photo });
    const { get } = await startImages({
      originals: {
        '/a.jpg': (_request, response) =>
          response.writeHead(302, { location: `http://127.0.0.1:${inside.port}/a.jpg` }).end(),
      },
    });
    expectRefusal(await get('/a.jpg'), 404);
    expect(inside.seen.connections).toBe(0);
  });

  it('that hangs is given up at the download limit', async () => {
    const { get } = await startImages({ originals: { '/a.jpg': () => {} }, limits: { downloadTimeoutMs: 200 } });
    expectRefusal(await get('/a.jpg'), 504);
  });

  it('that takes longer than the whole answer may is given up, and the download with it', async () => {
    const closed = Promise.withResolvers<void>();
    const { get } = await startImages({
      originals: { '/a.jpg': (_request, response) => void response.on('close', closed.resolve) },
      limits: { totalTimeoutMs: 200 },
    });
    expectRefusal(await get('/a.jpg'), 504);
    await closed.promise;
  });

  it('that never ends is unreadable, and memory stays level', async () => {
    const chunk = Buffer.alloc(256 * 1024, 1);
    const endless: RequestListener = (_request, response) => {
      const pump = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pump);
      response.write(Buffer.from([0xff, 0xd8, 0xff]));
      pump();
    };
    const { get } = await startImages({ originals: { '/a.jpg': endless } });
    const before = process.memoryUsage().rss;
    for (let version = 0; version < 5; version += 1)
      expectRefusal(await get('/a.jpg', { version: String(version) }), 422);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it.each([
    ['a bomb', pngBomb(30_000)],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['HTML named .jpg', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['cut off', photo.subarray(0, photo.length / 2)],
    ['empty', Buffer.alloc(0)],
    ['301 frames', tooManyFrames],
  ])('that is %s is unreadable', async (_what, original) => {
    const { get } = await startImages({ originals: { '/a.jpg': original } });
    expectRefusal(await get('/a.jpg'), 422);
  });

  it('that is too large is unreadable, whether it says so or not', async () => {
    const { get } = await startImages({
      originals: {
        '/a.jpg': photo,
        '/b.jpg': (_request, response) => {
          response.write(photo.subarray(0, 1000));
          response.end(photo.subarray(1000));
        },
      },
      limits: { maxOriginalBytes: photo.length - 1 },
    });
    expectRefusal(await get('/a.jpg'), 422);
    expectRefusal(await get('/b.jpg'), 422);
  });

  it('that cannot be served is not asked for again at once, for no variant of it', async () => {
    const { get, seen } = await startImages({ originals: { '/a.jpg': 404, '/b.jpg': Buffer.from('<html>') } });
    for (const width of [64, 128]) {
      expectRefusal(await get('/a.jpg', { width }), 404);
      expectRefusal(await get('/b.jpg', { width }), 422);
    }
    expect(seen.requests.toSorted()).toEqual(['/a.jpg', '/b.jpg']);
  });

  it('whose server failed is asked for again', async () => {
    let failures = 1;
    const { get } = await startImages({
      originals: {
        '/a.jpg': (_request, response) => {
          if (failures > 0) response.writeHead(503).end();
          else response.end(photo);
          failures -= 1;
        },
      },
    });
    expectRefusal(await get('/a.jpg'), 504);
    expect((await get('/a.jpg')).status).toBe(200);
  });

  it('transparent and asked for without WebP is PNG', async () => {
    const original = await plain(64, 64, { r: 1, g: 2, b: 3, alpha: 0.5 }).png().toBuffer();
    const { get } = await startImages({ originals: { '/a.png': original } });
    expect((await get('/a.png')).headers['content-type']).toBe('image/png');
  });

  it.each([
    ['damaged', (file: string) => truncateSync(file, 5000)],
    ['gone', (file: string) => rmSync(file)],
  ])('whose copy in the cache is %s is downloaded anew', async (_what, spoil) => {
    const cacheDirectory = createTemporaryFolder();
    const { get, seen, events } = await startImages({ originals: { '/a.jpg': photo }, cacheDirectory });
    await get('/a.jpg');
    const [file = ''] = readdirSync(join(cacheDirectory, 'originals'), { recursive: true, withFileTypes: true })
      .filter((found) => found.isFile())
      .map((found) => join(found.parentPath, found.name));
    spoil(file);
    expect((await get('/a.jpg', { width: 128 })).status).toBe(200);
    expect(seen.requests).toEqual(['/a.jpg', '/a.jpg']);
    expect(events.filter(({ type }) => type === 'refused')).toEqual([]);
  });

  it('is served though it cannot be kept', async () => {
    const { get, seen } = await startImages({ originals: { '/a.jpg': photo }, limits: { maxOriginalCacheBytes: 0 } });
    for (const width of [64, 128]) expect((await get('/a.jpg', { width })).status).toBe(200);
    expect(seen.requests).toEqual(['/a.jpg', '/a.jpg']);
  });
});
