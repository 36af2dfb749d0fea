import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** An answer that is no picture: one line that says what is wrong, and that nobody keeps. */
export interface PlainAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const plainHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

export function sendPlain(request: IncomingMessage, response: ServerResponse, answer: PlainAnswer): void {
  const { status, body, headers } = answer;
  response
    .writeHead(status, { ...plainHeaders, ...headers, 'content-length': body.length })
    .end(request.method === 'HEAD' ? undefined : body);
}

/** Answers what Node's HTTP parser rejects before there is a request. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Within an answer that has begun, another one would be taken for a part of it.
  const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  if (!socket.writable || underWay?.headersSent) {
    socket.destroy();
    return;
  }
  const [status, body] = describe(error.code);
  const headers = { ...plainHeaders, connection: 'close', 'content-length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`);
}

function describe(code: string | undefined): readonly [status: string, body: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'the address or the headers are too large\n'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'the request took too long\n'];
    default:
      return ['400 Bad Request', 'bad request: not well formed\n'];
  }
}
