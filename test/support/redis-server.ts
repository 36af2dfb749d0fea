import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from './free-port.ts';
import { findRedisProgram, type RedisProcess } from './redis-program.ts';

/** A real Redis on a port of its own, that keeps nothing and does what faults do. */
export interface RedisServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly url: string;
  /** One command on a connection of its own. */
  command(name: string, ...args: (string | number)[]): Promise<unknown>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** It keeps its sockets and answers nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Makes it follow that server, and returns once it has caught up; null: it leads. */
  replicaOf(leader: RedisServer | null): Promise<void>;
  /** Ends it and leaves nothing behind. */
  close(): Promise<void>;
}

/** Starts a Redis; `args` as on its command line. */
export async function startRedisServer(args: readonly string[] = []): Promise<RedisServer> {
  const program = await findRedisProgram();
  const folder = await mkdtemp(join(tmpdir(), 'redis-test-'));
  const host = '127.0.0.1';
  let port = await findFreePort();
  let running: RedisProcess | undefined;

  const fixed = [
    '--bind',
    host,
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    '--repl-diskless-sync-delay',
    '0',
  ];

  async function launch(): Promise<void> {
    const launched = program.start(['--port', String(port), ...fixed, ...args]);
    const ended = await Promise.race([launched.exited, untilAnswering(host, port)]);
    if (ended !== undefined) throw new Error(`redis-server ended at once: ${ended}`);
    running = launched;
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = running;
    running = undefined;
    if (ending === undefined) return;
    await ending.signal(signal);
    await ending.exited;
  }

  // Another process may take the port between our look and the server's bind.
  await launch().catch(async () => {
    port = await findFreePort();
    await launch();
  });

  const server: RedisServer = {
    host,
    get port() {
      return port;
    },
    get url() {
      return `redis://${host}:${port}`;
    },
    async command(name, ...commandArgs) {
      const connection = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null });
      connection.on('error', () => undefined);
      try {
        await connection.connect();
        return await connection.call(name, ...commandArgs);
      } finally {
        connection.disconnect();
      }
    },
    start: launch,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: async () => running?.signal('SIGSTOP'),
    resume: async () => running?.signal('SIGCONT'),
    async replicaOf(leader) {
      if (leader === null) return void (await server.command('REPLICAOF', 'NO', 'ONE'));
      await server.command('REPLICAOF', leader.host, leader.port);
      while (!String(await server.command('INFO', 'replication')).includes('master_link_status:up')) await delay(20);
    },
    async close() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

async function untilAnswering(host: string, port: number): Promise<undefined> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await isAnswering(host, port)) return undefined;
    await delay(20);
  }
  throw new Error('redis-server did not answer within 10 s');
}

function isAnswering(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 }, () => socket.write('PING\r\n'));
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('data', (reply) => end(reply.toString().startsWith('+PONG')));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
