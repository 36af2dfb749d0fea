import type { IncomingHttpHeaders } from 'node:http';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startImageServer } from '../../../shared/images/image-server.ts';
import { originalKey } from '../../../shared/images/image-source.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { paintJpeg } from './pictures.ts';
import { ask, askRaw, expectRefusal, keys, serveOriginals, startImages } from './running-images.ts';

const whenever = { '/a.jpg': await paintJpeg(600, 400) };

describe('a picture', () => {
  it('is served for ever, under a name that its bytes alone decide', async () => {
    const { get, sign, mediaUrl } = await startImages({ originals: whenever });
    const answer = await get('/a.jpg', {}, { accept: 'image/avif,*/*' });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/avif',
      'content-length': String(answer.body.length),
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.etag).toMatch(/^"[\w-]{43}"$/);
    expect(await sharp(answer.body).metadata()).toMatchObject({ width: 64, height: 43 });
    expect(sign(`${mediaUrl}/a.jpg`)).toBe(sign(`${mediaUrl}/a.jpg`));
  });

  it.each([
    ['image/avif,image/webp,*/*', 'image/avif'],
    ['image/webp,*/*', 'image/webp'],
    ['*/*', 'image/jpeg'],
    ['', 'image/jpeg'],
  ])('for Accept "%s" is %s', async (accept, type) => {
    const { get } = await startImages({ originals: whenever });
    expect((await get('/a.jpg', {}, { accept })).headers['content-type']).toBe(type);
  });

  it('does not vary where the URL says the format', async () => {
    const { get } = await startImages({ originals: whenever });
    const answer = await get('/a.jpg', { format: 'webp' }, { accept: 'image/avif' });
    expect(answer.headers['content-type']).toBe('image/webp');
    expect(answer.headers.vary).toBeUndefined();
  });

  it('is not sent again to who has it, even after the cache lost it', async () => {
    const { get, seen } = await startImages({ originals: whenever });
    const etag = (await get('/a.jpg')).headers.etag ?? '';
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get('/a.jpg', {}, { 'if-none-match': tag });
      expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([304, 0, etag]);
      expect(answer.headers['cache-control']).toContain('immutable');
    }
    const other = await startImages({ originals: whenever });
    expect((await other.get('/a.jpg', {}, { 'if-none-match': '"other"' })).status).toBe(200);
    expect(seen.requests).toHaveLength(1);
  });

  it('answers HEAD with the same headers and no body', async () => {
    const { sign, mediaUrl } = await startImages({ originals: whenever });
    const url = sign(`${mediaUrl}/a.jpg`);
    const head = await ask(url, { method: 'HEAD' });
    const get = await ask(url);
    const comparable = ({ date: _date, ...headers }: IncomingHttpHeaders) => headers;
    expect(comparable(head.headers)).toEqual(comparable(get.headers));
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it('is served by the absolute form of its URL, as a proxy sends it', async () => {
    const { sign, mediaUrl, server } = await startImages({ originals: whenever });
    const url = sign(`${mediaUrl}/a.jpg`);
    const { pathname } = new URL(url);
    await ask(url);
    for (const [target, status] of [
      [`http://img.shop.example${pathname}`, 200],
      [`HTTPS://img.shop.example${pathname}`, 200],
      ['http://img.shop.example', 404],
      [`ftp://img.shop.example${pathname}`, 404],
    ] as const) {
      const answer = await askRaw(server.port, `HEAD ${target} HTTP/1.1\r\nHost: img.shop.example\r\n\r\n`);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
  });

  it('is whole, whatever range is asked for', async () => {
    const { get } = await startImages({ originals: whenever });
    const answer = await get('/a.jpg', {}, { range: 'bytes=0-9' });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, String(answer.body.length)]);
  });

  it('is the same file for every key and every day on which it may be seen', async () => {
    const { get, server } = await startImages({ originals: whenever });
    const [plainUrl, dated] = [await get('/a.jpg'), await get('/a.jpg', { expiresOn: '2100-01-01' })];
    expect(dated.headers.etag).toBe(plainUrl.headers.etag);
    expect(server.counts()).toMatchObject({ transformed: 1, fromMemory: 1 });
  });

  it('with a last day is kept until that day ends, and not served after it', async () => {
    const { get } = await startImages({ originals: whenever });
    const today = new Date().toISOString().slice(0, 10);
    const maxAge = Number(
      /max-age=(\d+)/.exec((await get('/a.jpg', { expiresOn: today })).headers['cache-control'] ?? '')?.[1],
    );
    expect(maxAge).toBeLessThanOrEqual(86_400);
    expectRefusal(await get('/a.jpg', { expiresOn: '2026-01-01' }), 403);
  });

  it('is made once for 1000 callers', async () => {
    const { sign, mediaUrl, seen, server } = await startImages({ originals: whenever });
    const url = sign(`${mediaUrl}/a.jpg`);
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.toString('base64'))).size).toBe(1);
    expect(seen.requests).toEqual(['/a.jpg']);
    expect(server.counts().transformed).toBe(1);
  });

  it('is downloaded once for all its variants', async () => {
    const { get, seen, server } = await startImages({ originals: whenever });
    const widths = [64, 128, 256];
    await Promise.all(widths.flatMap((width) => [get('/a.jpg', { width }), get('/a.jpg', { width, format: 'webp' })]));
    await get('/a.jpg', { width: 64, format: 'png' });
    expect(seen.requests).toEqual(['/a.jpg']);
    expect(server.counts().transformed).toBe(7);
  });

  it('is downloaded anew for a new version', async () => {
    const { get, seen } = await startImages({ originals: whenever });
    await get('/a.jpg');
    await get('/a.jpg', { version: 'v2' });
    expect(seen.requests).toEqual(['/a.jpg', '/a.jpg']);
  });

  it('survives a restart on disk', async () => {
    const cacheDirectory = createTemporaryFolder();
    const first = await startImages({ originals: whenever, cacheDirectory });
    const url = `${first.mediaUrl}/a.jpg`;
    const made = await ask(first.sign(url));
    await first.server.close();
    // The media server of the first is gone for the second: it is another origin, on no list.
    const media = await serveOriginals({});
    const second = await startImageServer(
      {
        host: '127.0.0.1',
        port: 0,
        basePath: '/images',
        keys,
        widths: [64],
        origins: [],
        privateOrigins: [first.mediaUrl],
        cacheDirectory,
      },
      { onThumbhash: (key) => told.push(key) },
    );
    const told: string[] = [];
    onTestFinished(() => second.close(100));
    const path = new URL(first.sign(url)).pathname;
    const again = await ask(`http://127.0.0.1:${second.port}${path}`);
    expect(again.body.equals(made.body)).toBe(true);
    expect(second.counts()).toMatchObject({ fromDisk: 1, transformed: 0, downloaded: 0 });
    expect(told).toEqual([originalKey(url, 'v1')]);
    expect(media.seen.connections).toBe(0);
  });

  it('tells its thumbhash once, however many variants are made', async () => {
    const { get, thumbhashes, mediaUrl } = await startImages({ originals: whenever });
    for (const width of [64, 128]) await get('/a.jpg', { width });
    expect([...thumbhashes.keys()]).toEqual([originalKey(`${mediaUrl}/a.jpg`, 'v1')]);
    expect([...thumbhashes.values()][0]).toMatch(/^[A-Za-z0-9+/]{20,40}=*$/);
  });
});
