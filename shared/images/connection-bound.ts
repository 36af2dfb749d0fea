import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many answers, and a client connects anew: a handshake for a thousand pictures, and no socket that asks without end. */
const maxAnswers = 1000;

const answersLeft = new WeakMap<Socket, number>();

/** Makes the answer to this request the last of its connection. */
export function endConnection(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  answersLeft.set(request.socket, 0);
}

/**
 * Ends a connection behind its last answer at once. Node reads on until that answer is out: one socket that writes without a pause
 * has 60,000 requests handled in a turn of the event loop, and nobody else is answered meanwhile.
 */
export function boundConnections(listener: RequestListener): RequestListener {
  return (request, response) => {
    const left = answersLeft.get(request.socket) ?? maxAnswers;
    if (left === 0) {
      request.socket.pause();
      return;
    }
    if (left === 1) endConnection(request, response);
    else answersLeft.set(request.socket, left - 1);
    listener(request, response);
  };
}
