import type { Socket } from 'node:net';
import { answerTo, Refusal } from './refusal.ts';
import { readRequestId } from './request-headers.ts';

/** Answers what Node's HTTP parser rejects before there is a request, in GraphQL's shape as all else. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const message = (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage;
  if (error.code === 'ECONNRESET' || !socket.writable || message?.headersSent) {
    socket.destroy();
    return;
  }
  const refusal = describe(error.code);
  const { status, body } = answerTo(refusal, readRequestId(undefined));
  socket.end(
    [
      `HTTP/1.1 ${status} ${reasons[refusal.code]}`,
      'content-type: application/json; charset=utf-8',
      'cache-control: no-store',
      'x-content-type-options: nosniff',
      'connection: close',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

const reasons: Readonly<Record<string, string>> = {
  HEADERS_TOO_LARGE: 'Request Header Fields Too Large',
  REQUEST_TIMEOUT: 'Request Timeout',
  CONTENT_TOO_LARGE: 'Content Too Large',
  BAD_REQUEST: 'Bad Request',
};

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
