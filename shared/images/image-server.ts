import type { Server } from 'node:http';
import type { AddressInfo, Server as Listener, Socket } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { createServer } from '../node-http.ts';
import { openCacheDirectory } from './cache-directory.ts';
import { boundConnections } from './connection-bound.ts';
import { prepareLibvips } from './decoding.ts';
import { createDiskCache } from './disk-cache.ts';
import { boundEvents } from './event-budget.ts';
import { type ImageCounts, type ImageEvent, problemEvent, refusedEvent } from './image-event.ts';
import type { RefusedRequest } from './image-failure.ts';
import { type ImageSettings, imageLimits } from './image-settings.ts';
import { explainListenFailure } from './listen-failure.ts';
import { createOptimizer } from './optimizer.ts';
import { createOrigin, type OriginOptions } from './origin.ts';
import { createOriginList } from './origin-list.ts';
import { createClientErrorListener } from './plain-answer.ts';
import { createImageRoutes } from './routes.ts';
import { createImageSigner } from './signed-url.ts';

export interface ImageServer {
  readonly port: number;
  /** Without a path. */
  readonly url: string;
  counts(): ImageCounts;
  /** Stops accepting, lets what is under way end for at most `graceMs`, then cuts it off. */
  close(graceMs?: number): Promise<void>;
}

export interface ImageServerDeps {
  readonly onThumbhash: (key: string, thumbhash: string) => void;
  readonly onEvent?: (event: ImageEvent) => void;
  readonly resolve?: OriginOptions['resolve'];
  /**
   * A socket that listens already, to accept on; asked for when all else is ready, and taken over in the same turn of the event
   * loop, as it accepts from then on. Without it, the host and port of the settings.
   */
  readonly takeListener?: () => Promise<Listener>;
}

/**
 * Starts the optimiser in this process. It takes over libvips' settings for the whole process, so it belongs into one of its own.
 *
 * @throws TypeError, Error - settings that cannot work, the folder of the cache or the port.
 */
export async function startImageServer(settings: ImageSettings, deps: ImageServerDeps): Promise<ImageServer> {
  const { onThumbhash } = deps;
  const onEvent = boundEvents(deps.onEvent ?? (() => {}), systemClock);
  const limits = { ...imageLimits, ...settings.limits };
  const { basePath, keys, widths } = settings;
  // The address is of no matter here: this process verifies and never signs.
  const signer = createImageSigner({ keys, basePath, baseUrl: 'http://localhost' });
  const origins = createOriginList(settings.origins, settings.privateOrigins);
  await openCacheDirectory(settings.cacheDirectory);
  prepareLibvips();

  const onProblem = (message: string, cause: unknown) => onEvent(problemEvent(message, cause));
  const onRefusal = (refusal: RefusedRequest) => onEvent(refusedEvent(refusal));
  const cache = (name: string, maxBytes: number) =>
    createDiskCache({ directory: join(settings.cacheDirectory, name), maxBytes, onProblem });
  const originals = cache('originals', limits.maxOriginalCacheBytes);
  const variants = cache('variants', limits.maxVariantCacheBytes);
  const origin = createOrigin({ ...limits, ...(deps.resolve === undefined ? {} : { resolve: deps.resolve }) });
  const optimizer = createOptimizer(
    { origin, originals, variants, onThumbhash, onProblem: (message) => onProblem(message, null) },
    limits,
  );

  const served = { hits: 0, misses: 0 };
  const routes = createImageRoutes(
    {
      signer,
      origins,
      optimizer,
      onServed(result) {
        served[result] += 1;
      },
      onRefusal,
    },
    { basePath, widths, totalTimeoutMs: limits.totalTimeoutMs },
  );
  const server = createServer(
    {
      requestTimeout: 15_000,
      headersTimeout: 10_000,
      // Longer than the 60 s of common load balancers, so that it is they who close an idle connection.
      keepAliveTimeout: 72_000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      // Refused in our own words.
      requireHostHeader: false,
    },
    boundConnections(routes),
  );
  server.on('clientError', createClientErrorListener(onRefusal));
  server.maxConnections = limits.maxConnections;
  // A reader who takes nothing for this long is gone, or means us no good.
  server.setTimeout(30_000, (socket: Socket) => socket.destroy());
  const port = await listen(server, settings, await deps.takeListener?.());
  const { host } = settings;

  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    counts: () => ({ ...served, ...optimizer.counts() }),
    async close(graceMs = 2000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cutOff);
      await origin.close();
      await Promise.all([originals.close(), variants.close()]);
    },
  };
}

function listen(server: Server, { host, port }: ImageSettings, listener: Listener | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(explainListenFailure(error, port));
    const listening = () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    };
    server.once('error', fail);
    if (listener === undefined) server.listen(port, host, listening);
    else server.listen(listener, listening);
  });
}
