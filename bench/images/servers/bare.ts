// A bare Node HTTP server of the same bytes under the same headers: what a hit is held against.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveMeasured } from './measured.ts';

serveMeasured(async ({ bytes, headers }: { bytes: number; headers: Record<string, string> }) => {
  const body = Buffer.alloc(bytes, 7);
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
});
