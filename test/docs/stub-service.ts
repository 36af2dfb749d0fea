import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StubRoute } from './walk-through.ts';

export interface StubServices {
  /** Where each service answers, as the servers are told: `REVIEWS_URLS`. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Serves the routes of the services that a page adds. */
export async function startStubServices(routes: readonly StubRoute[]): Promise<StubServices> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const found = routes.find(({ route }) => new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
    response.writeHead(found === undefined && path !== '/health' ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found?.body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: Object.fromEntries(routes.map(({ service }) => [`${service.toUpperCase().replaceAll('-', '_')}_URLS`, url])),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
