import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** A document of 1000 tokens and its variables fit; Fastify would read ten times as much. */
export const maxBodyBytes = 100 * 1024;
const maxUrlLength = 16 * 1024;
const maxHeaderLength = 16 * 1024;

const hostForm = /^(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i;
const maxPort = 65_535;

/** @throws Refusal - for a URL or headers past their limits, a missing, malformed or doubled Host, and a body that is coded, on every route. */
export function checkEnvelope(request: IncomingMessage): void {
  if ((request.url ?? '').length > maxUrlLength) {
    throw new Refusal('URI_TOO_LONG', `The URL is longer than ${maxUrlLength} bytes: send the query by POST.`);
  }
  let length = 0;
  for (const part of request.rawHeaders) length += part.length;
  if (length > maxHeaderLength) {
    throw new Refusal('HEADERS_TOO_LARGE', `The headers are larger than ${maxHeaderLength} bytes.`);
  }
  // What a coding of ours and the load balancer's do not agree on is where one request hides in another (RFC 9112 §6.1).
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw new Refusal('BAD_REQUEST', 'The only Transfer-Encoding that is read is chunked.', { connection: 'close' });
  }
  // Doubled headers arrive joined by a comma, which is in no host.
  const host = hostForm.exec(request.headers.host ?? '');
  if (host === null || Number(host[1] ?? 0) > maxPort) {
    throw new Refusal('BAD_REQUEST', 'The Host header is missing, malformed or sent twice.', {
      connection: 'close',
    });
  }
}

const jsonForm = /^application\/json(?:\s*;\s*charset\s*=\s*"?utf-?8"?)?\s*;?\s*$/i;
const anyJsonForm = /^application\/json\s*(;|$)/i;

/** @throws Refusal - `UNSUPPORTED_MEDIA_TYPE` for a body that is anything but plain JSON in UTF-8. A form or text/plain needs no CORS preflight: taking it would be the CSRF hole. */
export function checkContent(request: IncomingMessage): void {
  const { 'content-type': contentType, 'content-encoding': contentEncoding } = request.headers;
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Compressed bodies are not read: leave Content-Encoding out.', {
      'accept-encoding': 'identity',
    });
  }
  if (contentType === 'application/json' || (contentType !== undefined && jsonForm.test(contentType))) return;
  throw new Refusal(
    'UNSUPPORTED_MEDIA_TYPE',
    contentType !== undefined && anyJsonForm.test(contentType)
      ? 'Send the body in UTF-8: Content-Type: application/json; charset=utf-8.'
      : 'Send the body with Content-Type: application/json.',
  );
}

/** @throws Refusal - `BAD_REQUEST` for a GET that a browser would send across sites without asking first: it has none of these headers. */
export function checkPreflight(request: IncomingMessage, preflightHeaders: readonly string[]): void {
  if (preflightHeaders.length === 0) return;
  for (const name of preflightHeaders) {
    const value = request.headers[name];
    if (value !== undefined && value !== '') return;
  }
  // A content type other than the three simple ones makes browsers ask first, too.
  if (anyJsonForm.test(request.headers['content-type'] ?? '')) return;
  throw new Refusal(
    'BAD_REQUEST',
    `A GET must carry one of these headers, so that no other site's page can send it: ${preflightHeaders.join(', ')}.`,
  );
}
