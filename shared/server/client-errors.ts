import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from '../node-http.ts';
import { isAnswered } from './http-socket.ts';
import { answerTo, Refusal } from './refusal.ts';
import { readRequestId } from './request-headers.ts';

interface ClientError extends NodeJS.ErrnoException {
  /** Fastify's types have it otherwise. */
  readonly rawPacket?: unknown;
}

export interface ClientErrorParts {
  /** For a method that Node has never heard of. */
  readonly refuseMethod: (target: string) => Refusal;
  readonly onRefused: (refusal: Refusal, address: string) => void;
}

/** Answers what Node's HTTP parser rejects before there is a request, in GraphQL's shape as all else. */
export function answerClientError(error: ClientError, socket: Socket, parts: ClientErrorParts): void {
  // A second answer to a request whose body is still coming would pass for the next one's.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswered(socket)) {
    socket.destroy();
    return;
  }
  const target = error.code === 'HPE_INVALID_METHOD' ? requestTarget.exec(firstLine(error.rawPacket))?.[1] : undefined;
  const refusal = target === undefined ? describe(error.code) : parts.refuseMethod(target);
  parts.onRefused(refusal, socket.remoteAddress ?? '');
  answerOnSocket(socket, refusal);
}

const requestTarget = /^[\w-]{1,32} (\S+) HTTP\/1\.[01]$/;

function firstLine(packet: unknown): string {
  if (!Buffer.isBuffer(packet)) return '';
  return packet.subarray(0, 1024).toString('latin1').split('\r\n', 1)[0] ?? '';
}

/** How long the other side may take to read its answer and close; closing at once could reset the connection under it (RFC 9112 §9.6). */
const lingerMs = 1000;

/** Writes an answer where there is no response to write it to, and ends the connection, of which Node has let go. */
export function answerOnSocket(socket: Duplex, refusal: Refusal): void {
  const { status, headers, body } = answerTo(refusal, readRequestId(undefined));
  // A reset that nobody listens for would end the process.
  socket.on('error', () => socket.destroy());
  const cutOff = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(cutOff));
  socket.resume();
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json; charset=utf-8',
      'cache-control: no-store',
      'x-content-type-options: nosniff',
      'connection: close',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function describe(code: string | undefined): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal('HEADERS_TOO_LARGE', 'The URL or the headers are too large.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Refusal('CONTENT_TOO_LARGE', 'The chunk extensions are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal('REQUEST_TIMEOUT', 'The request took too long to arrive.');
    default:
      return new Refusal('BAD_REQUEST', 'The request is not well-formed HTTP/1.1.');
  }
}
