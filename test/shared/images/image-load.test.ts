import { globSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { paintJpeg } from './pictures.ts';
import { ask, expectRefusal, startImages } from './running-images.ts';

const photo = await paintJpeg(600, 400);
const whenever = { '/a.jpg': photo };

describe('the line', () => {
  it('is bounded: one more is told when to come back, and hits are served all the while', async () => {
    const gate = Promise.withResolvers<void>();
    const { get, server, mediaUrl, sign } = await startImages({
      originals: {
        '/a.jpg': photo,
        '/slow.jpg': (_request, response) => void gate.promise.then(() => response.end(photo)),
      },
      limits: { maxJobs: 2, maxQueued: 3 },
    });
    await get('/a.jpg');
    const waiting = Array.from({ length: 5 }, (_, index) => ask(sign(`${mediaUrl}/slow.jpg`, { version: `${index}` })));
    await expect.poll(() => server.counts()).toMatchObject({ running: 2, queued: 3 });
    const refused = await get('/slow.jpg', { version: 'one more' });
    expectRefusal(refused, 429);
    expect(refused.headers['retry-after']).toBe('1');
    expect((await get('/a.jpg')).status).toBe(200);
    gate.resolve();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe(200);
    expect(server.counts()).toMatchObject({ running: 0, queued: 0 });
  });

  it('of originals that are here is another one than that of originals that hang', async () => {
    const { get, server, mediaUrl, sign } = await startImages({
      originals: { '/a.jpg': photo, '/hang.jpg': () => {} },
      limits: { maxJobs: 2, maxQueued: 3, downloadTimeoutMs: 60_000, totalTimeoutMs: 60_000 },
    });
    await get('/a.jpg');
    for (const version of ['1', '2', '3', '4', '5']) {
      void ask(sign(`${mediaUrl}/hang.jpg`, { version })).catch(() => {});
    }
    await expect.poll(() => server.counts()).toMatchObject({ running: 2, queued: 3 });
    expect((await get('/a.jpg', { width: 128 })).status).toBe(200);
    expectRefusal(await get('/hang.jpg', { version: 'one more' }), 429);
  });

  it('of an origin that hangs is another one than that of an origin that answers, however long it is', async () => {
    const { server, mediaUrl, otherUrl, sign } = await startImages({
      originals: { '/hang.jpg': () => {} },
      otherOriginals: { '/a.jpg': photo },
      limits: { maxJobs: 2, maxQueued: 3, downloadTimeoutMs: 60_000, totalTimeoutMs: 60_000 },
    });
    const hang = (version: string) => ask(sign(`${mediaUrl}/hang.jpg`, { version }));
    const fresh = (version: string) => ask(sign(`${otherUrl}/a.jpg`, { version }));
    for (const version of ['1', '2']) void hang(version).catch(() => {});
    await expect.poll(() => server.counts()).toMatchObject({ running: 2, queued: 0 });
    expect((await fresh('at the limit')).status).toBe(200);
    for (const version of ['3', '4', '5']) void hang(version).catch(() => {});
    await expect.poll(() => server.counts()).toMatchObject({ running: 2, queued: 3 });
    expectRefusal(await hang('one more'), 429);
    expect((await fresh('over the limit')).status).toBe(200);
    const many = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(fresh));
    expect(many.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  it('of originals that are here is not held up by a damaged one whose origin hangs', async () => {
    let isHanging = false;
    const cacheDirectory = createTemporaryFolder();
    const { get, events, seen } = await startImages({
      originals: { '/a.jpg': photo, '/b.jpg': (_request, response) => void (isHanging || response.end(photo)) },
      cacheDirectory,
      limits: { maxJobs: 1, downloadTimeoutMs: 60_000, totalTimeoutMs: 60_000 },
    });
    await get('/b.jpg');
    const copies = globSync(join(cacheDirectory, 'originals', '**'), { withFileTypes: true });
    const copy = copies.find((found) => found.isFile());
    await get('/a.jpg');
    truncateSync(join(copy?.parentPath ?? '', copy?.name ?? ''), 5000);
    isHanging = true;
    void get('/b.jpg', { width: 128 }).catch(() => {});
    await expect.poll(() => seen.requests).toEqual(['/b.jpg', '/a.jpg', '/b.jpg']);
    expect(events.filter(({ type }) => type === 'problem')).toHaveLength(1);
    expect((await get('/a.jpg', { width: 128 })).status).toBe(200);
  });

  it('is left by clients that go away: nothing is made for nobody', async () => {
    const gate = Promise.withResolvers<void>();
    const { server, sign, mediaUrl, seen, get } = await startImages({
      originals: {
        '/a.jpg': photo,
        '/slow.jpg': (_request, response) => void gate.promise.then(() => response.end(photo)),
      },
      limits: { maxJobs: 1, maxQueued: 10 },
    });
    const sockets = ['1', '2', '3'].map((version) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`GET ${new URL(sign(`${mediaUrl}/slow.jpg`, { version })).pathname} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return socket;
    });
    await expect.poll(() => server.counts()).toMatchObject({ running: 1, queued: 2 });
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => server.counts()).toMatchObject({ running: 0, queued: 0 });
    expect((await get('/a.jpg')).status).toBe(200);
    expect(seen.requests).toEqual(['/slow.jpg', '/a.jpg']);
    gate.resolve();
  });
});

describe('the image server', () => {
  it('serves while its cache cannot be written any more', async () => {
    const { get, server } = await startImages({
      originals: whenever,
      limits: { maxVariantCacheBytes: 0, maxMemoryBytes: 1 },
    });
    for (let times = 0; times < 2; times += 1) expect((await get('/a.jpg')).status).toBe(200);
    expect(server.counts()).toMatchObject({ transformed: 2, downloaded: 1 });
  });

  it('does not start on a folder that it cannot write, and says what to do', async () => {
    const folder = createTemporaryFolder({ blocked: '' });
    await expect(startImages({ cacheDirectory: `${folder}/blocked` })).rejects.toThrow(
      /set the folder of the image cache/,
    );
  });

  it('lets what is under way end when it closes', async () => {
    const gate = Promise.withResolvers<void>();
    const { get, server } = await startImages({
      originals: { '/a.jpg': (_request, response) => void gate.promise.then(() => response.end(photo)) },
    });
    const answer = get('/a.jpg');
    await expect.poll(() => server.counts().running).toBe(1);
    const closing = server.close();
    gate.resolve();
    expect((await answer).status).toBe(200);
    await closing;
  });

  it('cuts off what does not end when it closes', async () => {
    const { get, server } = await startImages({ originals: { '/a.jpg': () => {} } });
    const answer = get('/a.jpg').catch((error: Error) => error);
    await expect.poll(() => server.counts().running).toBe(1);
    await server.close(100);
    expect(await answer).toBeInstanceOf(Error);
  });
});
