import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { getPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ImageEvent } from '../../../shared/images/image-event.ts';
import type { ImageOptions } from '../../../shared/images/image-options.ts';
import { type ImageProcessDeps, startImageProcess, type UnexpectedExit } from '../../../shared/images/image-process.ts';
import type { ImageSettings } from '../../../shared/images/image-settings.ts';
import { originalKey } from '../../../shared/images/image-source.ts';
import { createImageSigner } from '../../../shared/images/signed-url.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';
import { paintJpeg } from './pictures.ts';
import { ask, expectRefusal, keys, serveOriginals } from './running-images.ts';

const large = await paintJpeg(4096, 4096);

async function start(settings: Partial<ImageSettings> = {}, deps: Partial<ImageProcessDeps> = {}) {
  const media = await serveOriginals({
    '/a.jpg': await paintJpeg(600, 400),
    '/large.jpg': large,
    '/hang.jpg': () => {},
  });
  const mediaUrl = `http://127.0.0.1:${media.port}`;
  const thumbhashes = new Map<string, string>();
  const events: ImageEvent[] = [];
  const exits: UnexpectedExit[] = [];
  const seen = { servings: 0 };
  const images = await startImageProcess(
    {
      host: '127.0.0.1',
      port: 0,
      basePath: '/images',
      keys,
      widths: [64],
      origins: [],
      privateOrigins: [mediaUrl],
      cacheDirectory: createTemporaryFolder(),
      ...settings,
    },
    {
      thumbhashes: { set: async (key, thumbhash) => void thumbhashes.set(key, thumbhash) },
      onEvent: (event) => events.push(event),
      onServing: () => {
        seen.servings += 1;
      },
      onExit: (exit) => exits.push(exit),
      ...deps,
    },
  );
  onTestFinished(() => images.stop(100));
  const signer = createImageSigner({ keys, baseUrl: `http://127.0.0.1:${images.port}`, basePath: '/images' });
  const get = (path: string, options: Partial<ImageOptions> = {}) =>
    ask(
      signer.sign({
        source: `${mediaUrl}${path}`,
        version: 'v1',
        width: 64,
        fit: 'inside',
        format: 'auto',
        ...options,
      }),
    );
  return { images, thumbhashes, events, exits, seen, get, mediaUrl };
}

describe('the image process', () => {
  it('serves pictures, and hands thumbhashes and events to the server', async () => {
    const { images, get, thumbhashes, events, mediaUrl } = await start();
    expect(images.pid).not.toBe(process.pid);
    expect((await get('/a.jpg')).status).toBe(200);
    await expect.poll(() => [...thumbhashes.keys()]).toEqual([originalKey(`${mediaUrl}/a.jpg`, 'v1')]);
    expect((await get('/none.jpg')).status).toBe(404);
    await expect.poll(() => events).toContainEqual(expect.objectContaining({ type: 'refused', status: 404 }));
  });

  it('is started again on the same port when it dies', async () => {
    const { images, get, exits, seen } = await start();
    const first = images.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await expect.poll(() => exits).toEqual([{ reason: 'SIGKILL', restartInMs: 100 }]);
    expect(seen.servings).toBe(1);
    await expect.poll(async () => (await get('/a.jpg').catch(() => null))?.status, { timeout: 10_000 }).toBe(200);
    expect([images.pid === first, seen.servings]).toEqual([false, 2]);
  });

  it('leaves no request without an answer while it is started again', async () => {
    const { images, get } = await start();
    process.kill(images.pid ?? 0, 'SIGKILL');
    const seen: (number | string | undefined)[] = [];
    // A few at a time and without a pause, so that some come at the very moment at which the socket changes hands.
    while (seen.filter((answer) => answer === 200).length < 30) {
      const asked = [1, 2, 3].map(() =>
        get('/a.jpg').then(
          ({ status }) => status,
          (error: NodeJS.ErrnoException) => error.code,
        ),
      );
      seen.push(...(await Promise.all(asked)));
    }
    expect(seen).toContain(503);
    for (const answer of new Set(seen)) expect([200, 503, 'ECONNRESET', 'ECONNREFUSED']).toContain(answer);
  });

  it('is killed and started again when it hangs, and its port says so meanwhile', async () => {
    const clock = createFakeClock();
    const { images, get, exits, events } = await start({}, { clock });
    expect((await get('/a.jpg')).status).toBe(200);
    const first = images.pid ?? 0;
    process.kill(first, 'SIGSTOP');
    const hanging = get('/a.jpg', { version: 'v2' }).catch((error: NodeJS.ErrnoException) => error.code);
    await clock.advance(5000);
    expect(await hanging).toBe('ECONNRESET');
    await expect.poll(() => exits).toEqual([{ reason: expect.stringContaining('it hung'), restartInMs: 100 }]);

    const meanwhile = () => get('/a.jpg').catch((error: NodeJS.ErrnoException) => error.code);
    await expect.poll(meanwhile).toMatchObject({ status: 503 });
    const refused = await get('/a.jpg');
    expectRefusal(refused, 503);
    expect(refused.headers).toMatchObject({ 'retry-after': '2', connection: 'close' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'refused', status: 503 }));

    await clock.advance(100);
    await expect.poll(meanwhile, { timeout: 10_000 }).toMatchObject({ status: 200 });
    expect(images.pid).not.toBe(first);
  });

  it('is left alone when it is the server that stood still', async () => {
    const { images, get, exits } = await start();
    const { pid } = images;
    // Longer than any silence that is borne, with a beat that was due meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4500);
    expect((await get('/a.jpg')).status).toBe(200);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    expect((await get('/a.jpg', { version: 'v2' })).status).toBe(200);
    expect([images.pid, exits]).toEqual([pid, []]);
  });

  it('is left alone while a stranger asks without a pause', async () => {
    const { images, get, exits, events } = await start();
    const { pid } = images;
    const requests = 'GET /images/x/y/z HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200);
    const untilMs = performance.now() + 5000;
    let connections = 0;
    function flood(): void {
      if (performance.now() > untilMs) return;
      connections += 1;
      const socket = connect(images.port, '127.0.0.1');
      const write = () => {
        if (performance.now() > untilMs) socket.destroy();
        else if (!socket.destroyed && socket.write(requests)) setImmediate(write);
      };
      socket.on('drain', write).on('connect', write).resume();
      socket.on('error', () => {}).once('close', () => setTimeout(flood, 20));
    }
    flood();
    while (performance.now() < untilMs) {
      expect((await get('/a.jpg')).status).toBe(200);
      await pause(50);
    }
    expect([images.pid, exits]).toEqual([pid, []]);
    // Told in part, and counted in whole.
    const told = () =>
      events.reduce(
        (sum, event) => sum + (event.type === 'left-out' ? event.count : Number(event.type === 'refused')),
        0,
      );
    await expect.poll(told, { timeout: 3000 }).toBeGreaterThanOrEqual(connections - 1);
    expect(events.length).toBeLessThan(200);
  }, 20_000);

  it('is left alone while its pictures take long: its threads work, its loop answers', async () => {
    const limits = { totalTimeoutMs: 60_000, downloadTimeoutMs: 60_000 };
    const { images, get, exits } = await start({ widths: [64, 4096], limits });
    const { pid } = images;
    // Each encodes for a second and more; together they keep the cores for longer than any silence is borne.
    const versions = ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'];
    const pictures = versions.map((version) => get('/large.jpg', { version, width: 4096, format: 'avif' }));
    for (const { status } of await Promise.all(pictures)) expect(status).toBe(200);
    expect([images.pid, exits]).toEqual([pid, []]);
  }, 60_000);

  it('waits longer each time when it keeps dying', async () => {
    const { images, exits } = await start();
    const killed = new Set<number>();
    while (exits.length < 3) {
      await expect.poll(() => images.pid !== null && !killed.has(images.pid), { timeout: 10_000 }).toBe(true);
      const pid = images.pid ?? 0;
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => exits.length).toBe(killed.size);
    }
    expect(exits.map(({ restartInMs }) => restartInMs)).toEqual([100, 200, 400]);
  });

  it('stops when it is told to, and is not started again', async () => {
    const { images, exits } = await start();
    const pid = images.pid ?? 0;
    await images.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(images.pid).toBeNull();
    expect(exits).toEqual([]);
  });

  it('goes on through a signal that reaches the whole group: the server says when it ends', async () => {
    const { images, get, exits } = await start();
    const pid = images.pid ?? 0;
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGINT');
    expect((await get('/a.jpg')).status).toBe(200);
    expect((await get('/a.jpg')).status).toBe(200);
    expect([images.pid, exits]).toEqual([pid, []]);
  });

  it('stops within its grace while originals hang', async () => {
    const { images, get } = await start();
    const hanging = get('/hang.jpg').catch(() => null);
    const startedMs = performance.now();
    await images.stop(300);
    expect(performance.now() - startedMs).toBeLessThan(2500);
    expect(await hanging).toBeNull();
  });

  it('stops while it is on its way up again', async () => {
    const { images, exits } = await start();
    process.kill(images.pid ?? 0, 'SIGKILL');
    await expect.poll(() => exits.length).toBe(1);
    await images.stop();
    expect(images.pid).toBeNull();
  });

  it('says why it does not start', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toThrow(
      /^port \d+ is in use: stop the process that listens there, or set IMAGE_PORT/,
    );
    await expect(start({ keys: [{ id: 'a', secret: 'short' }] })).rejects.toThrow(/shorter than 32 bytes/);
    await expect(start({ privateOrigins: ['nonsense'] })).rejects.toThrow(/scheme, host and port/);
  });

  it.each([
    ['the server is killed', 'SIGKILL', null],
    ['the server ends while it hangs', 'SIGTERM', 'SIGSTOP'],
  ] as const)('ends when %s, so that its port is free again', async (_what, end, before) => {
    const program = fileURLToPath(new URL('./image-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [program, createTemporaryFolder()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
    onTestFinished(() => void (isAlive() && process.kill(pid, 'SIGKILL')));
    if (before !== null) process.kill(pid, before);
    parent.kill(end);
    const isAlive = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isAlive, { timeout: 10_000 }).toBe(false);
  });

  it('leaves the cores to GraphQL first', async () => {
    const { images } = await start();
    expect(getPriority(images.pid ?? 0)).toBe(10);
  });
});
