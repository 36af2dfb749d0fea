import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { endConnection } from './connection-bound.ts';
import type { RefusedRequest } from './image-failure.ts';

/** An answer that is no picture: one line that says what is wrong, and that nobody keeps. */
export interface PlainAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the connection ends with it. */
  readonly isLast?: boolean;
}

const plainHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

export function sendPlain(request: IncomingMessage, response: ServerResponse, answer: PlainAnswer): void {
  const { status, body, headers, isLast = false } = answer;
  if (isLast) endConnection(request, response);
  response
    .writeHead(status, { ...plainHeaders, ...headers, 'content-length': body.length })
    .end(request.method === 'HEAD' ? undefined : body);
}

/** Makes the listener that answers what Node's HTTP parser rejects before there is a request. */
export function createClientErrorListener(
  onRefusal: (refusal: RefusedRequest) => void,
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    // Within an answer that has begun, another one would be taken for a part of it.
    const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
    if (!socket.writable || underWay?.headersSent) {
      socket.destroy();
      return;
    }
    const { status, phrase, body } = describe(error.code);
    onRefusal({ status, reason: error.message, path: '', origin: null });
    const headers = { ...plainHeaders, connection: 'close', 'content-length': body.length };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${phrase}\r\n${lines.join('')}\r\n${body}`);
  };
}

function describe(code: string | undefined): PlainAnswer & { readonly phrase: string } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        phrase: 'Request Header Fields Too Large',
        body: 'the address or the headers are too large\n',
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, phrase: 'Request Timeout', body: 'the request took too long\n' };
    default:
      return { status: 400, phrase: 'Bad Request', body: 'bad request: not well formed\n' };
  }
}
