import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startImageServer } from '../../shared/images/image-server.ts';
import { createImageSigner } from '../../shared/images/signed-url.ts';
import { atMost, withinMs } from './bound.ts';
import type { Fault } from './fault.ts';
import type { Lab } from './lab.ts';
import { timed } from './outcome.ts';

const keys = [{ id: 'a', secret: 'a'.repeat(32) }];

const endless: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'image/jpeg' });
  const chunk = Buffer.alloc(65_536, 1);
  const pump = (): void => {
    while (!response.destroyed) if (!response.write(chunk)) return void response.once('drain', pump);
  };
  pump();
};

async function openOrigin(lab: Lab): Promise<string> {
  const originals: Readonly<Record<string, RequestListener>> = {
    '/hangs.jpg': () => undefined,
    '/endless.jpg': endless,
  };
  const server = createServer((request, response) => {
    const original = originals[request.url ?? ''];
    if (original === undefined) response.writeHead(404).end();
    else original(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  lab.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A whole 20 MB would be the download's time on a busy machine, and not its size. */
const limits = { downloadTimeoutMs: 600, maxOriginalBytes: 2_000_000 };

/** The time of the whole, 10 s, ends what hangs; something must end what is endless. */
const unlimited = { downloadTimeoutMs: 60_000, maxOriginalBytes: 400_000_000 };

/** F86: where pictures come from. */
export const pictureFaults: readonly Fault[] = [
  {
    id: 'F86',
    fault: 'image origin hangs / 404 / endless',
    promise: '504 (here after 600 ms) / 404 / 422; memory flat',
    expected: { hangs: 504, hangsMs: withinMs(700), missing: 404, endless: 422, grownMb: atMost(60) },
    off: { name: 'downloadTimeoutMs: 60000, maxOriginalBytes: 400 MB', options: {} },
    async meet(lab) {
      const originUrl = await openOrigin(lab);
      const cacheDirectory = await mkdtemp(join(tmpdir(), 'shop-bff-faults-'));
      lab.defer(() => rm(cacheDirectory, { recursive: true, force: true }));
      const server = await startImageServer(
        {
          host: '127.0.0.1',
          port: 0,
          basePath: '/images',
          keys,
          widths: [64],
          origins: [],
          privateOrigins: [originUrl],
          cacheDirectory,
          limits: lab.isOff ? unlimited : limits,
        },
        { onThumbhash: () => undefined },
      );
      lab.defer(() => server.close(100));
      const signer = createImageSigner({ keys, baseUrl: `http://127.0.0.1:${server.port}`, basePath: '/images' });
      const get = async (path: string): Promise<number> => {
        const url = signer.sign({
          source: `${originUrl}${path}`,
          version: 'v1',
          width: 64,
          fit: 'inside',
          format: 'auto',
        });
        const answer = await fetch(url);
        await answer.arrayBuffer();
        return answer.status;
      };
      const hangs = await timed(() => get('/hangs.jpg'));
      const missing = await get('/missing.jpg');
      const before = process.memoryUsage().rss;
      const tooLong = await get('/endless.jpg');
      const grownMb = Math.round((process.memoryUsage().rss - before) / 1e6);
      return { hangs: hangs.result, hangsMs: hangs.ms, missing, endless: tooLong, grownMb };
    },
  },
];
