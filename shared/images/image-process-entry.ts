// The child process that `startImageProcess` forks. Its settings come as a message and not from the environment: they were read
// and checked once, by the server, and secrets are not repeated in a place that other programs can look at.
import type { Server } from 'node:net';
import { setPriority } from 'node:os';
import { reportCounts } from './image-counts.ts';
import type { FromImageProcess, ToImageProcess } from './image-process-messages.ts';
import { type ImageServer, startImageServer } from './image-server.ts';
import type { ImageSettings } from './image-settings.ts';

// GraphQL is answered by another process on the same cores: its work goes first, pictures take what is left.
const niceness = 10;

function tell(message: FromImageProcess): void {
  // Refused once the server is gone; then nobody is there to be told.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

async function start(settings: ImageSettings): Promise<ImageServer | null> {
  try {
    setPriority(niceness);
    const server = await startImageServer(settings, {
      onThumbhash: (key, thumbhash) => tell({ type: 'thumbhash', key, thumbhash }),
      onEvent: (event) => tell({ type: 'event', event }),
      takeListener() {
        tell({ type: 'prepared' });
        return listener.promise;
      },
    });
    reportCounts(server, (counts) => tell({ type: 'event', event: { type: 'counts', counts } }));
    tell({ type: 'ready' });
    return server;
  } catch (error) {
    tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

const listener = Promise.withResolvers<Server>();
let starting: Promise<ImageServer | null> | null = null;
let isStopping = false;

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await (await starting)?.close();
  // What libvips still computes for nobody would hold the process.
  process.exit(0);
}

process.on('message', (message: ToImageProcess, handle: Server) => {
  switch (message.type) {
    case 'start':
      starting ??= start(message.settings);
      break;
    case 'listen':
      listener.resolve(handle);
      break;
    case 'ping':
      tell({ type: 'pong' });
      break;
    case 'stop':
      void stop();
  }
});
process.on('disconnect', () => void stop());
// Ctrl+C in a terminal, and an init system's SIGTERM, reach every process of the group; the server decides when this one ends:
// it goes on answering while it drains, and its pictures with it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
