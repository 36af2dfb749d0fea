import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Viewer } from '../../shared/security/viewer.ts';
import type { EdgeRequest } from '../../shared/server/graphql-port.ts';
import type { HttpServer, HttpServerOptions } from '../../shared/server/http.ts';
import { claimedViewer } from '../peers/claimed-viewer.ts';

const scopes: ReadonlySet<string> = new Set(['shop:read', 'shop:write']);
const trace = {
  traceId: '0'.repeat(31) + '1',
  parentSpanId: null,
  spanId: '0'.repeat(15) + '1',
  isSampled: false,
  state: null,
};
const neverGone: EdgeRequest['signal'] = {
  aborted: false,
  reason: undefined,
  addEventListener() {},
  removeEventListener() {},
};

/**
 * The least that could stand between a socket and our engine: the token is believed, the body parsed, the answer sent as it is. No
 * Fastify, no checks, no limits, no log, no metrics, no compression. What our own edge costs is measured beside it.
 */
export function createBareEdge({ graphql, host, port }: HttpServerOptions): HttpServer {
  const viewers = new Map<string, Viewer>();

  function viewerOf(authorization: string | undefined): Viewer | null {
    if (authorization === undefined) return null;
    const known = viewers.get(authorization);
    if (known !== undefined) return known;
    const viewer = { ...claimedViewer(authorization), scopes };
    viewers.set(authorization, viewer);
    return viewer;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const viewer = viewerOf(request.headers.authorization);
    const address = '127.0.0.1';
    const { status, body } = await graphql.handle({
      method: 'POST',
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      mediaType: 'application/json',
      edge: {
        id: 'bench',
        viewer,
        clientName: null,
        clientVersion: null,
        address,
        caller: { viewerId: viewer?.id ?? null, installId: null, address },
        trace,
        traceparent: `00-${trace.traceId}-${trace.spanId}-00`,
        requestedTimeoutMs: null,
        startedMs: performance.now(),
        signal: neverGone,
      },
    });
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  }

  const server = createServer((request, response) => {
    if (request.url === '/health/ready') response.end();
    else answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  return {
    isClosing: false,
    listen: () =>
      new Promise((resolve) => {
        server.listen(port, host, () => {
          const { port: bound } = server.address() as AddressInfo;
          resolve({ url: `http://${host}:${bound}`, port: bound });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
