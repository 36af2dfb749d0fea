import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** An answer as it goes over the wire: its head up to the date, and its body. */
export interface WireAnswer {
  readonly head: Buffer;
  readonly body: Buffer;
}

/** `target`: the path with its query. The answer may come later, and may never come. */
export type Respond = (target: string, send: (answer: WireAnswer) => void) => void;

export interface Listener {
  readonly url: string;
  close(): void;
}

/**
 * HTTP/1.1 for callers of our own, at a third of what node:http costs: the stub shares its core with the load, and must never be
 * what is waited for. It knows GET with keep-alive and no body, which is all that the screens ask.
 */
export async function listen(respond: Respond): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let pending = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      pending = serve(socket, pending + chunk, respond);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await open(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Puts an answer's head and body together, so that sending it costs two writes. */
export function toWire(status: number, headers: readonly string[], text: string): WireAnswer {
  const body = Buffer.from(text);
  const lines = [`HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Error'}`, ...headers, `content-length: ${body.length}`];
  return { head: Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'), body };
}

/** Answers every whole request in `text` and returns what is left over. */
function serve(socket: Socket, text: string, respond: Respond): string {
  let rest = text;
  for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
    const [method, target = ''] = rest.slice(0, rest.indexOf('\r\n')).split(' ', 2);
    rest = rest.slice(end + 4);
    if (method !== 'GET') {
      socket.destroy();
      return '';
    }
    respond(target, (answer) => send(socket, answer));
  }
  return rest;
}

let connectionLines = Buffer.alloc(0);

function refreshDate(): void {
  const date = new Date().toUTCString();
  connectionLines = Buffer.from(`Date: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\n\r\n`, 'latin1');
}

refreshDate();
setInterval(refreshDate, 1000).unref();

function send(socket: Socket, { head, body }: WireAnswer): void {
  if (socket.destroyed) return;
  socket.cork();
  socket.write(head);
  socket.write(connectionLines);
  socket.write(body);
  socket.uncork();
}

async function open(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return (server.address() as AddressInfo).port;
}
