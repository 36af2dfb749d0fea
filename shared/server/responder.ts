import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAnswer } from './answer.ts';
import { chooseCoding, compress, compressOnce } from './compression.ts';
import type { CorsPolicy } from './cors.ts';
import type { RefusedRequest } from './edge-observer.ts';
import type { EdgeRequest } from './graphql-port.ts';
import { isLastOfConnection } from './http-socket.ts';
import { acceptableMediaType } from './media-type.ts';
import { answerTo } from './refusal.ts';
import { apiHeaders, pageHeaders } from './standard-headers.ts';

/** Puts answers on the wire with the headers that every one of them has. */
export interface Responder {
  /** Never rejects; resolves to the bytes of the body once they are handed to the socket. */
  send(exchange: Exchange, answer: HttpAnswer): Promise<number>;
  /** Turns a request away in GraphQL's shape. `edge`: who is behind it, where that was found out. */
  refuse(exchange: Exchange, error: unknown, edge?: EdgeRequest | null): void;
}

/** One request with the response that it waits for. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
}

export interface ResponderOptions {
  readonly cors: CorsPolicy;
  /** While it holds, answers ask their clients to take another connection. */
  readonly isClosing: () => boolean;
  readonly onRefused: (exchange: Exchange, refusal: Pick<RefusedRequest, 'edge' | 'status' | 'code' | 'error'>) => void;
}

interface WholeAnswer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string | Buffer;
}

/** Writes answers past Fastify's reply, whose header object and serialisation hooks cost more than all of this. */
export function createResponder(options: ResponderOptions): Responder {
  async function send(exchange: Exchange, answer: HttpAnswer): Promise<number> {
    const { request, response } = exchange;
    if (response.destroyed || response.headersSent) return 0;
    const headers = [
      ...(answer.isPage ? pageHeaders : apiHeaders),
      ...options.cors.headersFor(request),
      'x-request-id',
      exchange.id,
      ...answer.headers,
    ];
    if (options.isClosing() && isLastOfConnection(request)) headers.push('connection', 'close');
    const { body, status } = answer;
    if (body === null || status === 304) {
      response.writeHead(status, headers).end();
      return 0;
    }
    if (typeof body === 'string' || Buffer.isBuffer(body)) return await sendWhole(exchange, { status, headers, body });
    response.writeHead(status, headers);
    return await sendStream(response, body);
  }

  async function sendWhole({ request, response }: Exchange, answer: WholeAnswer): Promise<number> {
    const { status, headers, body } = answer;
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const coding = chooseCoding(request.headers['accept-encoding'], bytes);
    let payload = body;
    if (coding !== null) {
      const compressed = typeof body === 'string' ? compress(body, bytes, coding) : compressOnce(body, coding);
      payload = compressed instanceof Promise ? await compressed : compressed;
      headers.push('content-encoding', coding);
      if (response.destroyed) return 0;
    }
    const length = coding === null ? bytes : payload.length;
    headers.push('content-length', String(length));
    response.writeHead(status, headers);
    if (request.method === 'HEAD') response.end();
    else response.end(payload);
    return length;
  }

  return {
    send: (exchange, answer) => send(exchange, answer).catch(() => abandon(exchange.response)),
    refuse(exchange, error, edge = null) {
      const answer = answerTo(error, exchange.id);
      options.onRefused(exchange, { edge, status: answer.status, code: answer.code, error });
      if (exchange.response.headersSent) {
        // Half an answer is out: only a broken connection tells the client that the rest will not come.
        abandon(exchange.response);
        return;
      }
      const mediaType = acceptableMediaType(exchange.request.headers.accept) ?? 'application/json';
      const headers = ['content-type', `${mediaType}; charset=utf-8`, 'cache-control', 'no-store'];
      for (const [name, value] of Object.entries(answer.headers)) headers.push(name, value);
      void send(exchange, { status: answer.status, headers, body: answer.body }).catch(() =>
        abandon(exchange.response),
      );
    },
  };
}

/** A slow reader holds the source back; a reader who left ends it. */
async function sendStream(response: ServerResponse, body: AsyncIterable<string>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    if (response.destroyed) return bytes;
    bytes += Buffer.byteLength(chunk);
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
  return bytes;
}

function abandon(response: ServerResponse): 0 {
  response.destroy();
  return 0;
}
