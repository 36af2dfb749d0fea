import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { pathOf, type RefusedRequest, refusalOf } from './image-failure.ts';
import { type AdmittedRequest, createImageAdmission } from './image-request.ts';
import type { Optimizer } from './optimizer.ts';
import type { OriginList } from './origin-list.ts';
import { type PlainAnswer, sendPlain } from './plain-answer.ts';
import type { ImageSigner } from './signed-url.ts';
import type { Variant } from './variant-cache.ts';

export interface ImageRoutesDeps {
  readonly signer: ImageSigner;
  readonly origins: OriginList;
  readonly optimizer: Optimizer;
  readonly clock?: Clock;
  /** Told of each picture that is served: whether it was here, or had to be waited for. */
  readonly onServed?: (result: 'hits' | 'misses') => void;
  /** Told of each request that gets no picture, with what the answer does not say. */
  readonly onRefusal?: (refusal: RefusedRequest) => void;
}

export interface ImageRoutesOptions {
  readonly basePath: string;
  /** The widths in pixels that are served. */
  readonly widths: readonly number[];
  readonly totalTimeoutMs: number;
}

/** Answers `GET` and `HEAD` for signed images, and `/health`. */
export function createImageRoutes(deps: ImageRoutesDeps, options: ImageRoutesOptions): RequestListener {
  const { optimizer, clock = systemClock, onServed = () => {}, onRefusal = () => {} } = deps;
  const admission = createImageAdmission({ signer: deps.signer, origins: deps.origins, clock, widths: options.widths });

  function serve(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    const admitted = admission.admit(request.url ?? '', request.headers.accept);
    const { variant } = admitted;
    if (isCurrent(request.headers['if-none-match'], variant.key)) {
      response.writeHead(304, headersFor(admitted)).end();
      onServed('hits');
      return undefined;
    }
    const kept = optimizer.peek(variant.key);
    if (kept !== null) {
      send(request, response, { admitted, made: kept });
      onServed('hits');
      return undefined;
    }
    return serveMade(request, response, admitted);
  }

  async function serveMade(
    request: IncomingMessage,
    response: ServerResponse,
    admitted: AdmittedRequest,
  ): Promise<void> {
    try {
      send(request, response, { admitted, made: await make(response, admitted) });
      onServed('misses');
    } catch (failure) {
      refuse(request, response, { failure, origin: admitted.variant.original.origin });
    }
  }

  async function make(response: ServerResponse, { variant }: AdmittedRequest): Promise<Variant> {
    const abort = new AbortController();
    const cancelTimeout = clock.schedule(options.totalTimeoutMs, () =>
      abort.abort(new AppError('DEADLINE_EXCEEDED', 'the picture was not made in time')),
    );
    const leave = () => abort.abort(new AppError('DEADLINE_EXCEEDED', 'the client went away'));
    response.once('close', leave);
    try {
      return await optimizer.variant(variant, abort.signal);
    } finally {
      cancelTimeout();
      response.off('close', leave);
    }
  }

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { failure, origin }: { readonly failure: unknown; readonly origin: string | null },
  ): void {
    // Nobody is there to be told, and a client that leaves is no failure.
    if (response.destroyed) return;
    const { status, body } = refusalOf(failure);
    onRefusal({
      status,
      reason: failure instanceof Error ? failure.message : 'unknown',
      path: pathOf(request),
      origin,
      cause: failure instanceof Error ? failure.cause : failure,
    });
    const retry = failure instanceof AppError ? failure.retryAfterSeconds : undefined;
    sendPlain(request, response, {
      status,
      body,
      headers: retry === undefined ? {} : { 'retry-after': String(retry) },
      // Who was not let in may be anybody, and costs one refusal a connection.
      isLast: origin === null,
    });
  }

  return (request, response) => {
    // RFC 9112, 3.2.2: a server takes the absolute form, too, which proxies send.
    if (request.url?.startsWith('/') === false) request.url = request.url.replace(/^https?:\/\/[^/?#]*/i, '');
    const stray = answerToStray(request, options.basePath);
    if (stray !== null) {
      onRefusal({ status: stray.status, reason: stray.body.trim(), path: pathOf(request), origin: null });
      sendPlain(request, response, { ...stray, isLast: true });
      return;
    }
    if (request.url === '/health') {
      sendPlain(request, response, { status: 200, body: 'ok\n' });
      return;
    }
    try {
      void serve(request, response);
    } catch (failure) {
      refuse(request, response, { failure, origin: null });
    }
  };
}

/** What is said to a request that is for no picture and nothing else that is here; null: it is for one. */
function answerToStray(request: IncomingMessage, basePath: string): PlainAnswer | null {
  const { method, url, headers, httpVersionMinor } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, body: 'method not allowed\n', headers: { allow: 'GET, HEAD' } };
  }
  if (headers.host === undefined && httpVersionMinor > 0) return { status: 400, body: 'bad request: no host\n' };
  const isKnown = url === '/health' || url?.startsWith(`${basePath}/`) === true;
  return isKnown ? null : { status: 404, body: 'not found\n' };
}

function headersFor({ variant, maxAgeSeconds, dependsOnAccept }: AdmittedRequest): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    'cache-control': `public, max-age=${maxAgeSeconds}, immutable`,
    etag: `"${variant.key}"`,
    'x-content-type-options': 'nosniff',
    // Pages of other origins show these pictures, also pages that isolate themselves.
    'cross-origin-resource-policy': 'cross-origin',
  };
  if (dependsOnAccept) headers['vary'] = 'Accept';
  return headers;
}

/** RFC 9110, 13.1.2: a list of entity tags, weak or strong. `*` is another matter: it asks whether there is a picture at all. */
function isCurrent(ifNoneMatch: string | undefined, key: string): boolean {
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${key}"`) === true;
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { admitted, made }: { readonly admitted: AdmittedRequest; readonly made: Variant },
): void {
  const headers = headersFor(admitted);
  if (request.headers['if-none-match']?.trim() === '*') {
    response.writeHead(304, headers).end();
    return;
  }
  headers['content-type'] = made.contentType;
  headers['content-length'] = made.body.length;
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : made.body);
}
