import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../../shared/clock.ts';
import { createDownstream, type DownstreamClient } from '../../../../shared/downstream/downstream-client.ts';
import type { DownstreamEvents } from '../../../../shared/downstream/events.ts';
import type { ServicePolicy } from '../../../../shared/downstream/policy.ts';
import { openBlackHole } from '../../../support/black-hole.ts';

/** Starts an instance that speaks HTTP; it is gone when the test has finished. */
export async function startInstance(
  listener: RequestListener,
  port = 0,
): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(listener);
  await listen(server, port);
  onTestFinished(() => stop(server));
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${bound}`, port: bound, server };
}

/** Starts an instance whose every byte is the test's: `onRequest` is called once a request's head has arrived. */
export async function startRawInstance(onRequest: (socket: Socket, count: number) => void) {
  const sockets = new Set<Socket>();
  let count = 0;
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let head = '';
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      head = '';
      onRequest(socket, ++count);
    });
  });
  await listen(server, 0);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    get connections() {
      return connections;
    },
    /** Requests. */
    get count() {
      return count;
    },
  };
}

/** Starts an instance that takes no connection; it is gone when the test has finished. */
export async function startBlackHole(): Promise<{ url: string }> {
  const hole = await openBlackHole();
  onTestFinished(() => hole.close());
  return hole;
}

/** An address where nobody listens. */
export async function findRefusingUrl(): Promise<string> {
  const server = createTcpServer();
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export interface ShopOptions {
  readonly policy?: Partial<ServicePolicy>;
  readonly events?: DownstreamEvents;
  readonly clock?: Clock;
}

/** A real client of a service named `shop` at these addresses, closed when the test has finished. */
export function openShop(urls: readonly string[], options: ShopOptions = {}): DownstreamClient {
  const { policy, ...rest } = options;
  const downstream = createDownstream({
    ...rest,
    services: { shop: { instances: { kind: 'urls', urls }, policy: { healthCheckIntervalMs: 0, ...policy } } },
  });
  onTestFinished(() => downstream.close());
  return downstream;
}

export function listen(server: Server | TcpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
