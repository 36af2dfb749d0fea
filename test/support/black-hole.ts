import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

/**
 * Starts an instance that takes no connection: its thread listens and sleeps, and its queue in the kernel is filled, so that
 * a further SYN gets no answer at all.
 */
export async function openBlackHole(): Promise<{ url: string; close(): Promise<void> }> {
  const code = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const worker = new Worker(code, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  // Once those that fit have connected, the others and all that follow wait for ever.
  await new Promise((resolve) => fillers[1]?.once('connect', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
