import { connect, createServer, type Socket } from 'node:net';

/** What becomes of an answer on its way, after this many bytes of it (of its body, or of all of it). */
export interface BrokenAnswer {
  readonly how: 'reset' | 'end' | 'drip';
  readonly of: 'head' | 'body';
  readonly afterBytes: number;
  /** How many answers it happens to. */
  times: number;
}

/** Stands between a client and a server, and does to the bytes what a bad network does. */
export interface TcpProxy {
  readonly port: number;
  /** Where new connections lead; those that are open stay where they are. */
  targetPort: number;
  /** What the server says arrives so much later. */
  delayMs: number;
  /** Nothing passes either way, and no connection ends. What was sent meanwhile arrives afterwards, as TCP sends it again until it does. */
  isBlackHole: boolean;
  /** New connections are closed at once. */
  isRefusing: boolean;
  broken: BrokenAnswer | null;
  /** How many pieces have come from clients. */
  piecesUp: number;
  /** The clients' connections that are open. */
  readonly open: number;
  /** Ends every connection; new ones are taken. */
  cut(): void;
  close(): Promise<void>;
}

const dripEveryMs = 20;

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let held: (() => void)[] | null = null;
  const server = createServer((client) => {
    if (proxy.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    clients.add(client);
    const upstream = connect({ host: '127.0.0.1', port: proxy.targetPort });
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        clients.delete(client);
        client.destroy();
        upstream.destroy();
      });
    }
    let isBroken = false;
    const answer = (bytes: Buffer): void => {
      if (isBroken) return;
      if (proxy.broken !== null && proxy.broken.times > 0) {
        isBroken = true;
        proxy.broken.times -= 1;
        breakAnswer(client, bytes, proxy.broken);
      } else if (proxy.delayMs === 0) pass(client, bytes);
      else setTimeout(() => pass(client, bytes), proxy.delayMs).unref();
    };
    client.on('data', (bytes) => {
      proxy.piecesUp += 1;
      if (held === null) pass(upstream, bytes);
      else held.push(() => pass(upstream, bytes));
    });
    upstream.on('data', (bytes) => {
      if (held === null) answer(bytes);
      else held.push(() => answer(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const proxy: TcpProxy = {
    port: address.port,
    targetPort,
    delayMs: 0,
    get isBlackHole() {
      return held !== null;
    },
    set isBlackHole(isSo) {
      const sent = held ?? [];
      held = isSo ? sent : null;
      if (!isSo) for (const arrive of sent) arrive();
    },
    isRefusing: false,
    broken: null,
    piecesUp: 0,
    get open() {
      return clients.size;
    },
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

function pass(to: Socket, bytes: Buffer): void {
  if (to.writable) to.write(bytes);
}

/** An answer's head and the start of its body come in one piece from the shop. */
function breakAnswer(client: Socket, bytes: Buffer, { how, of, afterBytes }: BrokenAnswer): void {
  const start = of === 'head' ? 0 : bytes.indexOf('\r\n\r\n') + 4;
  const passed = bytes.subarray(0, start + afterBytes);
  if (how === 'drip') {
    client.write(passed);
    let at = passed.length;
    const timer = setInterval(() => client.write(bytes.subarray(at, ++at)), dripEveryMs);
    timer.unref();
    client.on('close', () => clearInterval(timer));
    return;
  }
  const end = (): void => void (how === 'reset' ? client.resetAndDestroy() : client.end());
  // What is written and not yet read goes with a reset.
  if (passed.length === 0) end();
  else client.write(passed, () => setTimeout(end, 20));
}
