import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and does to the bytes what a bad network does. */
export interface TcpProxy {
  readonly port: number;
  /** What the server says arrives so much later. */
  delayMs: number;
  /** Nothing passes either way, and no connection ends. */
  isBlackHole: boolean;
  /** How many pieces have come from clients. */
  piecesUp: number;
  /** Ends every connection; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: targetPort });
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      proxy.piecesUp += 1;
      if (!proxy.isBlackHole) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (proxy.isBlackHole) return;
      if (proxy.delayMs === 0) client.write(bytes);
      else setTimeout(() => client.writable && client.write(bytes), proxy.delayMs).unref();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const proxy: TcpProxy = {
    port: address.port,
    delayMs: 0,
    isBlackHole: false,
    piecesUp: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
