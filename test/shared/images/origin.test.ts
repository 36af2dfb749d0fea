import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createOrigin, type OriginOptions } from '../../../shared/images/origin.ts';
import { createOriginList } from '../../../shared/images/origin-list.ts';

const closers: (() => unknown)[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A media server, and how many connections it saw. */
async function serve(listener: RequestListener) {
  const server = createServer(listener);
  const seen = { connections: 0, requests: 0, openSockets: 0 };
  server.on('connection', (socket) => {
    seen.connections += 1;
    seen.openSockets += 1;
    socket.once('close', () => {
      seen.openSockets -= 1;
    });
  });
  server.on('request', () => {
    seen.requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

interface Setup {
  readonly isPrivate?: boolean;
  readonly options?: Partial<OriginOptions>;
}

function fetcher(host: string, { isPrivate = true, options = {} }: Setup = {}) {
  const base = `http://${host}`;
  const list = isPrivate ? createOriginList([], [base]) : createOriginList([base], []);
  const origin = createOrigin({
    connectTimeoutMs: 1000,
    downloadTimeoutMs: 2000,
    maxOriginalBytes: 1_000_000,
    maxJobs: 4,
    ...options,
  });
  closers.push(() => origin.close());
  return (path = '/a.jpg', signal: AbortSignal = never) => origin.download(list.find(`${base}${path}`), signal);
}

describe('an origin', () => {
  it('gives the bytes of an original', async () => {
    const { port } = await serve((request, response) => response.end(`bytes of ${request.url}`));
    const download = fetcher(`127.0.0.1:${port}`);
    expect((await download('/a.jpg?b=1')).toString()).toBe('bytes of /a.jpg?b=1');
  });

  it.each([
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [401, 'NOT_FOUND'],
    [403, 'NOT_FOUND'],
    [204, 'NOT_FOUND'],
    [206, 'NOT_FOUND'],
    [500, 'DOWNSTREAM_UNAVAILABLE'],
    [503, 'DOWNSTREAM_UNAVAILABLE'],
    [429, 'DOWNSTREAM_UNAVAILABLE'],
  ])('that answers %i is %s', async (status, code) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end());
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code });
  });

  it('is not followed elsewhere', async () => {
    const target = await serve((_request, response) => response.end('secret'));
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}/` }).end(),
    );
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(target.seen.connections).toBe(0);
  });

  it('that says it sends too much is not read', async () => {
    const { port, seen } = await serve((_request, response) =>
      response.writeHead(200, { 'content-length': 2_000_000 }).write('x'),
    );
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code: 'DOWNSTREAM_BAD_RESPONSE' });
    await expect.poll(() => seen.openSockets).toBe(0);
  });

  it('that never ends is cut off at the limit, in bytes and in sockets', async () => {
    let sent = 0;
    const { port, seen } = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', pump);
      pump();
    });
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code: 'DOWNSTREAM_BAD_RESPONSE' });
    await expect.poll(() => seen.openSockets).toBe(0);
    // The limit, and what the buffers of two sockets hold.
    expect(sent).toBeLessThan(12_000_000);
  });

  it('that never answers is given up', async () => {
    const { port, seen } = await serve(() => {});
    const download = fetcher(`127.0.0.1:${port}`, { options: { downloadTimeoutMs: 150 } });
    await expect(download()).rejects.toMatchObject({ code: 'DOWNSTREAM_TIMEOUT' });
    await expect.poll(() => seen.openSockets).toBe(0);
  });

  it('that trickles is given up by a total cap', async () => {
    const { port } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const download = fetcher(`127.0.0.1:${port}`, { options: { downloadTimeoutMs: 200 } });
    await expect(download()).rejects.toMatchObject({ code: 'DOWNSTREAM_TIMEOUT' });
  });

  it('is left with the caller, whose reason is passed on', async () => {
    const { port, seen } = await serve(() => leaving.abort(new Error('the client went away')));
    const leaving = new AbortController();
    await expect(fetcher(`127.0.0.1:${port}`)('/a.jpg', leaving.signal)).rejects.toThrow('the client went away');
    await expect.poll(() => seen.openSockets).toBe(0);
  });

  it('that refuses connections is unavailable', async () => {
    const { port } = await serve(() => {});
    await closers.shift()?.();
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code: 'DOWNSTREAM_UNAVAILABLE' });
  });

  it('that breaks off is unavailable, never a part of a picture', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('half', () => response.destroy());
    });
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code: 'DOWNSTREAM_UNAVAILABLE' });
  });

  it('that closes a kept connection as it is taken up is asked once more', async () => {
    const sockets = new Set<object>();
    const { port, seen } = await serve((request, response) => {
      // The first request of a connection is answered, the second finds it closed.
      if (sockets.has(request.socket)) request.socket.destroy();
      else response.end('bytes');
      sockets.add(request.socket);
    });
    const download = fetcher(`127.0.0.1:${port}`);
    await download();
    expect((await download()).toString()).toBe('bytes');
    expect(seen.connections).toBe(2);
  });

  it('that encodes the picture is refused', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100_000_000))),
    );
    await expect(fetcher(`127.0.0.1:${port}`)()).rejects.toMatchObject({ code: 'DOWNSTREAM_BAD_RESPONSE' });
  });
});

describe('the name of an origin', () => {
  const addressed = (...addresses: string[]) => ({
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });

  it.each([
    ['a private address', ['127.0.0.1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['IPv6 loopback', ['::1']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1']],
    ['a public address and a private one', ['93.184.216.34', '127.0.0.1']],
    ['nothing', []],
  ])('that leads to %s is not connected to', async (_what, addresses) => {
    const { port, seen } = await serve((_request, response) => response.end('secret'));
    const download = fetcher(`media.example:${port}`, { isPrivate: false, options: addressed(...addresses) });
    await expect(download()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(seen.connections).toBe(0);
  });

  it('that leads to a private address is connected to where that is allowed', async () => {
    const { port } = await serve((_request, response) => response.end('bytes'));
    const download = fetcher(`media.internal:${port}`, { options: addressed('127.0.0.1') });
    expect((await download()).toString()).toBe('bytes');
  });

  it('never leads to the metadata of a cloud, even there', async () => {
    const { port } = await serve(() => {});
    const download = fetcher(`media.internal:${port}`, { options: addressed('169.254.169.254') });
    await expect(download()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is looked up once a connection, and that answer is the one connected to', async () => {
    const { port, seen } = await serve((_request, response) =>
      response.writeHead(200, { connection: 'close' }).end('bytes'),
    );
    // What an attacker's name server does: a good address for the check, another for the connection.
    const answers = ['127.0.0.1', '169.254.169.254'];
    let asked = 0;
    const resolve = async () => [{ address: answers[asked++] ?? '', family: 4 }];
    const download = fetcher(`media.internal:${port}`, { options: { resolve } });
    expect((await download()).toString()).toBe('bytes');
    expect(asked).toBe(1);
    await expect(download()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect([asked, seen.connections]).toEqual([2, 1]);
  });

  it('is looked up once for all who connect at that time: a lookup that hangs takes one thread, not all', async () => {
    const { port } = await serve((_request, response) => response.end('bytes'));
    const answer = Promise.withResolvers<LookupAddress[]>();
    let asked = 0;
    const resolve = () => {
      asked += 1;
      return answer.promise;
    };
    const download = fetcher(`media.internal:${port}`, { options: { resolve } });
    const downloads = ['/a.jpg', '/b.jpg', '/c.jpg', '/d.jpg'].map((path) => download(path));
    await expect.poll(() => asked).toBe(1);
    answer.resolve([{ address: '127.0.0.1', family: 4 }]);
    for (const bytes of await Promise.all(downloads)) expect(bytes.toString()).toBe('bytes');
    expect(asked).toBe(1);
  });

  it('that cannot be found is unavailable, and one whose lookup hangs times out', async () => {
    const missing = fetcher('media.example:8080', {
      options: { resolve: () => Promise.reject(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' })) },
    });
    await expect(missing()).rejects.toMatchObject({ code: 'DOWNSTREAM_UNAVAILABLE' });
    const hanging = fetcher('media.example:8080', {
      options: { resolve: () => new Promise(() => {}), connectTimeoutMs: 200 },
    });
    await expect(hanging()).rejects.toMatchObject({ code: 'DOWNSTREAM_TIMEOUT' });
  });
});
