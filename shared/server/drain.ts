import type { Server } from 'node:http';
import type { Clock } from '../clock.ts';

export interface DrainOptions {
  readonly clock: Clock;
  /** How long requests are still taken, so that the load balancer can notice; default 5000. */
  readonly noticeMs?: number;
  /** How long those under way may take after that; default 9000. */
  readonly drainMs?: number;
  /** The same where someone waits at a terminal; default 1000. */
  readonly hurryMs?: number;
}

/** Idle connections are looked for again and again: one that was busy when the port closed becomes idle later, and a keep-alive client would hold it for 72 s. */
const sweepMs = 50;

/** Closes a server's port and waits for the requests under way, so that nothing that was sent goes unanswered. */
export function createDrain(server: Server, options: DrainOptions): { run(manner: 'drain' | 'now'): Promise<void> } {
  const { clock } = options;
  let hurry: () => void = () => {};

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
    const endsAtMs = clock.nowMs() + limitMs;
    for (;;) {
      server.closeIdleConnections();
      await Promise.race([closed, wait(sweepMs)]);
      if (isClosed) return;
      if (clock.nowMs() >= endsAtMs) break;
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
