import { createServer, request as httpRequest, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { ImageEvent } from '../../../shared/images/image-event.ts';
import type { ImageOptions } from '../../../shared/images/image-options.ts';
import { startImageServer } from '../../../shared/images/image-server.ts';
import type { ImageLimits } from '../../../shared/images/image-settings.ts';
import { createImageSigner } from '../../../shared/images/signed-url.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

export const keys = [{ id: 'a', secret: 'a'.repeat(32) }];

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A media server that answers each path with bytes, a status, or in its own way. */
export async function serveOriginals(originals: Readonly<Record<string, Buffer | number | RequestListener>>) {
  const seen = { connections: 0, requests: [] as string[] };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.requests.push(path);
    const original = originals[path] ?? 404;
    if (typeof original === 'function') original(request, response);
    else if (typeof original === 'number') response.writeHead(original).end();
    else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(original);
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

interface Setup {
  readonly originals?: Readonly<Record<string, Buffer | number | RequestListener>>;
  /** Those of a second media server. */
  readonly otherOriginals?: Setup['originals'];
  readonly limits?: Partial<ImageLimits>;
  readonly cacheDirectory?: string;
}

export async function startImages({
  originals = {},
  otherOriginals = {},
  limits = {},
  cacheDirectory = createTemporaryFolder(),
}: Setup = {}) {
  const media = await serveOriginals(originals);
  const mediaUrl = `http://127.0.0.1:${media.port}`;
  const other = await serveOriginals(otherOriginals);
  const otherUrl = `http://127.0.0.1:${other.port}`;
  const thumbhashes = new Map<string, string>();
  const events: ImageEvent[] = [];
  const server = await startImageServer(
    {
      host: '127.0.0.1',
      port: 0,
      basePath: '/images',
      keys,
      widths: [64, 128, 256],
      origins: [`http://public.example:${media.port}`, `http://public.example`],
      privateOrigins: [mediaUrl, otherUrl],
      cacheDirectory,
      limits,
    },
    {
      onThumbhash: (key, thumbhash) => thumbhashes.set(key, thumbhash),
      onEvent: (event) => events.push(event),
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    },
  );
  onTestFinished(() => server.close(100));
  const signer = createImageSigner({ keys, baseUrl: `http://127.0.0.1:${server.port}`, basePath: '/images' });
  const sign = (source: string, options: Partial<ImageOptions> = {}) =>
    signer.sign({ source, version: 'v1', width: 64, fit: 'inside', format: 'auto', ...options });
  return {
    server,
    thumbhashes,
    events,
    mediaUrl,
    otherUrl,
    seen: media.seen,
    sign,
    /** The picture at a path of the media server. */
    get: (path: string, options: Partial<ImageOptions> = {}, headers: Record<string, string> = {}) =>
      ask(sign(`${mediaUrl}${path}`, options), { headers }),
  };
}

export function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method: 'GET', agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** What comes back for these bytes. */
export function askRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

export function expectRefusal(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.body.toString()).toMatch(/^[a-z ,:]+\n$/);
}
