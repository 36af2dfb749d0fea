import type { IncomingMessage, ServerResponse } from 'node:http';
import { Abort, type AbortSource } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { continueTrace, formatTraceparent } from '../observability/trace-context.ts';
import type { RateCaller, RateLimiter } from '../security/rate-limit.ts';
import type { TokenVerifier } from '../security/token.ts';
import type { Viewer } from '../security/viewer.ts';
import type { EdgeRequest } from './graphql-port.ts';
import { RateRefusal } from './rate-refusal.ts';
import { readClientWord, readInstallId, readRequestedTimeout } from './request-headers.ts';
import type { Exchange } from './responder.ts';

/** A request that may be served, with what the edge knows of it. */
export interface Admitted {
  readonly edge: EdgeRequest;
}

export interface AdmissionOptions {
  readonly verifier: TokenVerifier;
  readonly limiter: RateLimiter | null;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly isSampled: () => boolean;
  readonly clock: Clock;
}

/** Finds out who asks and whether they may: identity first, then the rate limit. */
export interface Admission {
  /**
   * Without a wait where the token is known or there is none.
   *
   * @throws AppError - `UNAUTHENTICATED`, `RATE_LIMITED`, `DOWNSTREAM_UNAVAILABLE`
   */
  admit(exchange: Exchange): Admitted | Promise<Admitted>;
}

export function createViewerAdmission(options: AdmissionOptions): Admission {
  const { verifier, limiter, clock } = options;

  function complete({ request, response, id }: Exchange, viewer: Viewer | null, startedMs: number): Admitted {
    const { headers } = request;
    const address = options.addressOf(request);
    const caller: RateCaller = {
      viewerId: viewer === null ? null : viewer.id,
      installId: readInstallId(headers['x-install-id']),
      address,
    };
    const decision = limiter?.check(caller);
    if (decision?.isAllowed === false) throw new RateRefusal(decision);
    const trace = continueTrace(oneOf(headers['traceparent']), options.isSampled, oneOf(headers['tracestate']));
    return {
      edge: {
        id,
        viewer,
        clientName: readClientWord(headers['apollographql-client-name']),
        clientVersion: readClientWord(headers['apollographql-client-version']),
        address,
        caller,
        trace,
        traceparent: formatTraceparent(trace),
        requestedTimeoutMs: readRequestedTimeout(headers['x-request-timeout-ms']),
        startedMs,
        signal: signalGone(response),
      },
    };
  }

  async function verifyFirst(exchange: Exchange, startedMs: number): Promise<Admitted> {
    const { request } = exchange;
    const address = options.addressOf(request);
    const tries = limiter?.mayVerify(address);
    if (tries?.isAllowed === false) throw new RateRefusal(tries);
    let viewer: Viewer | null;
    try {
      viewer = await verifier.verify(request.headers.authorization);
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') limiter?.chargeFailure(address);
      throw error;
    }
    return complete(exchange, viewer, startedMs);
  }

  return {
    admit(exchange) {
      const viewer = verifier.peek(exchange.request.headers.authorization);
      const startedMs = clock.nowMs();
      return viewer === undefined ? verifyFirst(exchange, startedMs) : complete(exchange, viewer, startedMs);
    },
  };
}

/** Aborts when the connection closes before the answer is out. */
function signalGone(response: ServerResponse): AbortSource {
  const gone = new Abort();
  // While its token was checked.
  if (response.destroyed) gone.abort(undefined);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(undefined);
  });
  return gone;
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
