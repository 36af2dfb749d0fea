import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from '../node-http.ts';
import { boundConnections } from './connection-bound.ts';
import { pathOf, type RefusedRequest } from './image-failure.ts';
import type { ImageSettings } from './image-settings.ts';
import { explainListenFailure } from './listen-failure.ts';
import { createClientErrorListener, sendPlain } from './plain-answer.ts';

export interface StandInOptions extends Pick<ImageSettings, 'host' | 'port'> {
  /** Told of each request, as it is not served. */
  readonly onRefusal: (refusal: RefusedRequest) => void;
}

export interface StandIn {
  readonly port: number;
  /** Handed to the image process, which accepts on the very same socket: at no moment is the port nobody's. */
  readonly listener: Server;
  /** Leaves the port to the process that has it by now. */
  close(): void;
}

const maxConnections = 1000;

/**
 * Answers for the image process while there is none, so that a client hears "not now" instead of a refused connection.
 *
 * @throws Error - the port is taken.
 */
export function openStandIn({ host, port, onRefusal }: StandInOptions): Promise<StandIn> {
  const listener = createServer(
    { headersTimeout: 2000, requestTimeout: 2000, connectionsCheckingInterval: 1000, requireHostHeader: false },
    boundConnections((request, response) => {
      onRefusal({ status: 503, reason: 'the image process is not there', path: pathOf(request), origin: null });
      sendPlain(request, response, {
        status: 503,
        body: 'no pictures are made at the moment, try again\n',
        headers: { 'retry-after': '2' },
        // One that is kept would stay with us when the process is back.
        isLast: true,
      });
    }),
  );
  listener.on('clientError', createClientErrorListener(onRefusal));
  listener.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(explainListenFailure(error, port));
    listener.once('error', fail);
    listener.listen(port, host, () => {
      listener.off('error', fail);
      resolve({
        port: (listener.address() as AddressInfo).port,
        listener,
        close: () => void listener.close(),
      });
    });
  });
}
