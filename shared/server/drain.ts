import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { TurnoverMap } from '../memory.ts';
import { awaitsAnswer } from './http-socket.ts';

export interface DrainOptions {
  readonly clock: Clock;
  /** How long requests are still taken, so that the load balancer can notice; default 5000. */
  readonly noticeMs?: number;
  /** How long those under way may take after that; default 9000. */
  readonly drainMs?: number;
  /** The same where someone waits at a terminal; default 1000. */
  readonly hurryMs?: number;
}

/** Connections are looked at again and again: one that was busy when the port closed becomes idle later, and a keep-alive client would hold it for 72 s. */
const sweepMs = 50;

/** A new connection may hold a request that is on its way; one that has said nothing for this long holds none. */
const silenceMs = 500;

/** Closes a server's port and waits for the requests under way, so that nothing that was sent goes unanswered. */
export function createDrain(server: Server, options: DrainOptions): { run(manner: 'drain' | 'now'): Promise<void> } {
  const { clock } = options;
  let hurry: () => void = () => {};
  const sockets = new TurnoverMap<number, Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    const number = ++connections;
    sockets.set(number, socket);
    socket.once('close', () => sockets.delete(number));
  });

  /** Node counts a connection without a complete request as busy: a port scanner, or headers that drip, would hold the process. */
  function closeSilent(): void {
    for (const socket of sockets.values()) if (!awaitsAnswer(socket)) socket.destroy();
  }

  function wait(delayMs: number): Promise<void> {
    if (delayMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.schedule(delayMs, resolve);
      hurry = () => {
        cancel();
        resolve();
      };
    });
  }

  async function closePort(limitMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    const startedMs = clock.nowMs();
    for (;;) {
      await Promise.race([closed, wait(sweepMs)]);
      if (isClosed) return;
      const elapsedMs = clock.nowMs() - startedMs;
      if (elapsedMs >= limitMs) break;
      if (elapsedMs >= silenceMs) closeSilent();
    }
    server.closeAllConnections();
    await closed;
  }

  let running: Promise<void> | null = null;
  let isHurried = false;
  return {
    run(manner) {
      if (manner === 'now') isHurried = true;
      if (running !== null) {
        // A second signal: whoever sent it waits no longer.
        hurry();
        if (isHurried) clock.schedule(options.hurryMs ?? 1000, () => server.closeAllConnections());
        return running;
      }
      running = (async () => {
        if (!isHurried) await wait(options.noticeMs ?? 5000);
        await closePort(isHurried ? (options.hurryMs ?? 1000) : (options.drainMs ?? 9000));
      })();
      return running;
    },
  };
}
