import type { IncomingMessage } from 'node:http';

/** Which browsers' pages may read our answers: exactly those of the listed origins, and never with cookies. */
export interface CorsPolicy {
  /** The header lines for this request's origin, `Vary` included; the same arrays again and again. */
  headersFor(request: IncomingMessage): readonly string[];
  /** The further header lines of a preflight's answer; null where its origin is not on the list. */
  preflightFor(request: IncomingMessage): readonly string[] | null;
}

const exposed = 'x-request-id, retry-after, ratelimit, ratelimit-policy, etag';
const allowed = [
  'content-type',
  'authorization',
  'apollographql-client-name',
  'apollographql-client-version',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'x-graphql-require-preflight',
  'x-install-id',
  'x-request-id',
  'x-request-timeout-ms',
  'traceparent',
  'tracestate',
].join(', ');

/** The answer differs by these, so a cache in front must keep them apart. */
const vary = ['vary', 'accept, accept-encoding, origin'];

const preflight = [
  'access-control-allow-methods',
  'GET, POST',
  'access-control-allow-headers',
  allowed,
  'access-control-max-age',
  '7200',
];

/** Lets pages of exactly these origins read answers. @fastify/cors would look the list up in three hooks. */
export function createCorsPolicy(origins: readonly string[]): CorsPolicy {
  const byOrigin = new Map<string, readonly string[]>();
  for (const origin of origins) {
    byOrigin.set(origin, [...vary, 'access-control-allow-origin', origin, 'access-control-expose-headers', exposed]);
  }
  return {
    headersFor(request) {
      const origin = request.headers.origin;
      return (origin === undefined ? undefined : byOrigin.get(origin)) ?? vary;
    },
    preflightFor(request) {
      return byOrigin.has(request.headers.origin ?? '') ? preflight : null;
    },
  };
}
