import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A request as an instance got it. */
export interface SeenRequest {
  readonly instance: number;
  /** Among all requests of these fronts, from 0. */
  readonly index: number;
  readonly message: IncomingMessage;
  readonly body: string;
}

/** What a front does with a request: hands it on, answers itself, changes the answer's JSON, or does what it likes. */
export type Reaction =
  | 'pass'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  | { readonly change: (body: never) => unknown }
  | { readonly play: (response: ServerResponse) => void };

export interface Fronts {
  readonly urls: readonly string[];
  readonly requests: SeenRequest[];
  readonly sockets: ReadonlySet<Socket>;
  /** Closes these connections' idle ones, as a server does whose keep-alive is over. */
  closeIdle(share: number): void;
  react: (request: SeenRequest) => Reaction;
  /** Takes one instance off the network and brings it back at the same address. */
  stop(instance: number): Promise<void>;
  restart(instance: number): Promise<void>;
  close(): Promise<void>;
}

export interface FrontOptions {
  readonly react?: Fronts['react'];
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Puts an instance of our own in front of each of these, whose answers are in the hands of `react`; health checks pass. */
export async function openFronts(targets: readonly string[], options: FrontOptions = {}): Promise<Fronts> {
  const sockets = new Set<Socket>();
  const busy = new Set<Socket>();
  const requests: SeenRequest[] = [];
  const { certificate } = options;

  function open(instance: number) {
    const listener = (message: IncomingMessage, response: ServerResponse) =>
      void serve(instance, message, response).catch(() => response.destroy());
    const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
    server.keepAliveTimeout = 72_000;
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    return server;
  }

  async function serve(instance: number, message: IncomingMessage, response: ServerResponse): Promise<void> {
    busy.add(message.socket);
    response.once('close', () => busy.delete(message.socket));
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const target = `${targets[instance] ?? ''}${message.url ?? ''}`;
    if (message.url === '/health') return forward(target, { message, body, response });
    const seen = { instance, index: requests.length, message, body: body.toString() };
    requests.push(seen);
    const reaction = fronts.react(seen);
    if (reaction === 'pass') return forward(target, { message, body, response });
    if ('play' in reaction) return reaction.play(response);
    if ('change' in reaction) return forward(target, { message, body, response, change: reaction.change });
    response.writeHead(reaction.status, { 'content-type': 'application/json', ...reaction.headers });
    response.end(reaction.body ?? '{}');
  }

  const servers = targets.map((_, instance) => open(instance));
  const ports = await Promise.all(servers.map((server) => listen(server, 0)));

  const fronts: Fronts = {
    urls: ports.map((port) => (certificate ? `https://localhost:${port}` : `http://127.0.0.1:${port}`)),
    requests,
    sockets,
    closeIdle(share) {
      for (const socket of sockets) if (!busy.has(socket) && Math.random() < share) socket.end();
    },
    react: options.react ?? (() => 'pass'),
    stop: (instance) => end(servers[instance]),
    async restart(instance) {
      const server = open(instance);
      servers[instance] = server;
      await listen(server, ports[instance] ?? 0);
    },
    close: async () => void (await Promise.all(servers.map(end))),
  };
  return fronts;
}

type Listener = ReturnType<typeof createServer>;

async function listen(server: Listener, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function end(server: Listener | undefined): Promise<void> {
  if (server === undefined || !server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly change?: (body: never) => unknown;
}

function forward(target: string, { message, body, response, change }: Exchange): Promise<void> {
  const { 'accept-encoding': _encodings, ...headers } = message.headers;
  return new Promise((resolve, reject) => {
    const sent = request(target, { method: message.method ?? 'GET', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('error', reject);
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...rest } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, rest);
        response.end(change === undefined ? bytes : JSON.stringify(change(JSON.parse(bytes.toString()) as never)));
        resolve();
      });
    });
    sent.on('error', reject);
    response.on('close', () => sent.destroy());
    sent.end(body);
  });
}
