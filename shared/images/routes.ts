import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { refusalOf } from './image-failure.ts';
import { type AdmittedRequest, createImageAdmission } from './image-request.ts';
import type { Optimizer } from './optimizer.ts';
import type { OriginList } from './origin-list.ts';
import { sendPlain } from './plain-answer.ts';
import type { ImageSigner } from './signed-url.ts';
import type { Variant } from './variant-cache.ts';

export interface ImageRoutesDeps {
  readonly signer: ImageSigner;
  readonly origins: OriginList;
  readonly optimizer: Optimizer;
  readonly clock?: Clock;
  /** Told of each picture that is not served, with what the answer does not say. */
  readonly onRefusal?: (refusal: RefusedRequest) => void;
}

export interface RefusedRequest {
  readonly status: number;
  readonly reason: string;
  /** Cut to 300 characters: anyone may have written it. */
  readonly path: string;
  readonly cause?: unknown;
}

export interface ImageRoutesOptions {
  readonly basePath: string;
  /** The widths in pixels that are served. */
  readonly widths: readonly number[];
  readonly totalTimeoutMs: number;
}

/** Answers `GET` and `HEAD` for signed images, and `/health`. */
export function createImageRoutes(deps: ImageRoutesDeps, options: ImageRoutesOptions): RequestListener {
  const { optimizer, clock = systemClock, onRefusal = () => {} } = deps;
  const admission = createImageAdmission({ signer: deps.signer, origins: deps.origins, clock, widths: options.widths });

  function serve(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    const admitted = admission.admit(request.url ?? '', request.headers.accept);
    const { variant } = admitted;
    if (isCurrent(request.headers['if-none-match'], variant.key)) {
      response.writeHead(304, headersFor(admitted)).end();
      return undefined;
    }
    const kept = optimizer.peek(variant.key);
    if (kept !== null) {
      send(request, response, { admitted, made: kept });
      return undefined;
    }
    return make(response, admitted).then((made) => send(request, response, { admitted, made }));
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

  function refuse(request: IncomingMessage, response: ServerResponse, failure: unknown): void {
    // Nobody is there to be told, and a client that leaves is no failure.
    if (response.destroyed) return;
    const { status, body } = refusalOf(failure);
    onRefusal({
      status,
      reason: failure instanceof Error ? failure.message : 'unknown',
      path: (request.url ?? '').slice(0, 300),
      cause: failure instanceof Error ? failure.cause : failure,
    });
    const retry = failure instanceof AppError ? failure.retryAfterSeconds : undefined;
    sendPlain(request, response, {
      status,
      body,
      headers: retry === undefined ? {} : { 'retry-after': String(retry) },
    });
  }

  return (request, response) => {
    // RFC 9112, 3.2.2: a server takes the absolute form, too, which proxies send.
    if (request.url?.startsWith('/') === false) request.url = request.url.replace(/^https?:\/\/[^/?#]*/i, '');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendPlain(request, response, { status: 405, body: 'method not allowed\n', headers: { allow: 'GET, HEAD' } });
      return;
    }
    if (request.headers.host === undefined && request.httpVersionMinor > 0) {
      sendPlain(request, response, { status: 400, body: 'bad request: no host\n', headers: { connection: 'close' } });
      return;
    }
    if (request.url === '/health') {
      sendPlain(request, response, { status: 200, body: 'ok\n' });
      return;
    }
    if (request.url?.startsWith(`${options.basePath}/`) !== true) {
      sendPlain(request, response, { status: 404, body: 'not found\n' });
      return;
    }
    try {
      serve(request, response)?.catch((failure: unknown) => refuse(request, response, failure));
    } catch (failure) {
      refuse(request, response, failure);
    }
  };
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
