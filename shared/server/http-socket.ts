import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What Node's HTTP server keeps at a socket and tells nobody; tests of pipelining and of late bodies would notice its going. */
interface HttpSocket extends Socket {
  /** The response that is being written. */
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
  /** `incoming`: the request that was read last. */
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
}

/** Whether a request on this connection waits for its answer. */
export function awaitsAnswer({ _httpMessage: response }: HttpSocket): boolean {
  return response !== undefined && response !== null;
}

/** Whether what comes next on this connection still belongs to a request whose answer is out, at least in part. */
export function isAnswered({ _httpMessage: response, parser }: HttpSocket): boolean {
  if (response) return response.headersSent;
  return parser?.incoming?.complete === false;
}

/** Whether no other request has come on the same connection after this one: of pipelined requests only the last may end it. */
export function isLastOfConnection(request: IncomingMessage): boolean {
  const { parser } = request.socket as HttpSocket;
  return !parser?.incoming || parser.incoming === request;
}
