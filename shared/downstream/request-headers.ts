import { AppError } from '../errors.ts';
import type { CallScope } from './call-scope.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';

/** This server's own token, or where to get the current one. */
export type ServiceToken = string | (() => string);

/** RFC 9110's visible characters and the length that the services accept: anything else could end the header early. */
const idempotencyKeyForm = /^[\x21-\x7e]{1,255}$/;

/** Where the time that is left stands in the list, so that each attempt writes its own. */
const timeoutSlot = 1;

/** Where the trace stands, if there is one: each attempt is a span of its own to the service. */
const traceparentSlot = 3;

/**
 * The headers of one call as a flat list of names and values, which undici takes without a copy. Only what is listed here
 * goes down: nothing that a client sent is passed on but its own token, and that only where the endpoint asks for it.
 *
 * @throws AppError `BAD_USER_INPUT` for an idempotency key that cannot be a header.
 */
export function requestHeaders(
  endpoint: Endpoint,
  call: EndpointCall,
  from: { readonly scope: CallScope; readonly serviceToken: ServiceToken | undefined },
): string[] {
  const { scope, serviceToken } = from;
  const headers = ['x-request-timeout-ms', ''];
  if (scope.traceparent !== undefined) headers.push('traceparent', scope.traceparent);
  headers.push(
    'accept',
    'application/json',
    // Within one data centre decoding costs more processor time than the bytes cost on the wire.
    'accept-encoding',
    'identity',
    'x-correlation-id',
    scope.correlationId,
  );
  if (scope.tracestate) headers.push('tracestate', scope.tracestate);
  const authorization = endpoint.identity === 'viewer' ? scope.authorization : bearer(serviceToken);
  if (authorization !== null) headers.push('authorization', authorization);
  if (call.body !== undefined) headers.push('content-type', 'application/json');
  if (call.idempotencyKey !== undefined) {
    if (!idempotencyKeyForm.test(call.idempotencyKey)) {
      throw new AppError(
        'BAD_USER_INPUT',
        'An idempotency key is 1 to 255 visible ASCII characters, without spaces; a UUID is a good one.',
      );
    }
    headers.push('idempotency-key', call.idempotencyKey);
  }
  return headers;
}

/** Writes what is left of the deadline into the headers of the attempt that is about to start. */
export function setTimeLeft(headers: string[], leftMs: number): void {
  headers[timeoutSlot] = String(Math.floor(leftMs));
}

/** Makes the attempt that is about to start the parent of what the service records. */
export function setTraceparent(headers: string[], traceparent: string): void {
  headers[traceparentSlot] = traceparent;
}

function bearer(token: ServiceToken | undefined): string | null {
  if (token === undefined) return null;
  return `Bearer ${typeof token === 'string' ? token : token()}`;
}
