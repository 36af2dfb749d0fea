import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../problem.ts';

export interface ReservedLine {
  productId: string;
  name: string;
  quantity: number;
  unitPrice: number;
}

export interface ReservationRequest {
  orderId: string;
  currency: string;
  lines: readonly { productId: string; quantity: number; unitPrice: number }[];
}

export interface CatalogClient {
  /** @throws Problem as the catalog refused it; 503, 504 where it did not answer (then nothing stays reserved) */
  reserve(request: ReservationRequest, timeoutMs: number): Promise<ReservedLine[]>;
  /** Waits at most `timeoutMs`, and goes on trying for a while after that. */
  release(orderId: string, timeoutMs: number): Promise<void>;
}

export interface CatalogClientOptions {
  /** Of all instances. */
  urls: readonly string[];
  serviceToken: () => Promise<string>;
  /** Ends what is still going on when the shop closes. */
  signal: AbortSignal;
}

interface ProblemBody {
  type?: string;
  status?: number;
  detail?: string;
}

const releasePausesMs = [0, 100, 500, 2_000];
const releaseAttemptMs = 1_000;

function unavailable(): Problem {
  return new Problem(503, 'catalog-unavailable', {
    detail: 'The stock could not be reserved just now; nothing was ordered.',
    headers: { 'retry-after': '1' },
  });
}

function timedOut(): Problem {
  return new Problem(504, 'catalog-timeout', {
    detail: 'The stock could not be reserved in time; nothing was ordered.',
  });
}

/** A refusal of the catalog, in its own words. */
async function refusalOf(response: Response): Promise<Problem> {
  const {
    type,
    status,
    title: _,
    detail,
    ...extras
  } = (await response.json()) as ProblemBody & Record<string, unknown>;
  return new Problem(status ?? response.status, type?.split('/').at(-1) ?? 'refused', {
    detail: detail ?? 'Refused.',
    extras,
  });
}

/** fetch says TypeError for a broken connection and SyntaxError for an answer that is not JSON. */
function isUnanswered(error: unknown): boolean {
  if (error instanceof Problem) return error.status >= 500;
  return error instanceof Error && ['TypeError', 'SyntaxError', 'TimeoutError', 'AbortError'].includes(error.name);
}

/** Asks the catalog over HTTP, as any other client would. */
export function createCatalogClient(options: CatalogClientOptions): CatalogClient {
  let turn = 0;

  async function send(path: string, init: { method: string; body?: string; timeoutMs: number }): Promise<Response> {
    turn += 1;
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(Math.ceil(init.timeoutMs))]);
    return await fetch(`${options.urls[turn % options.urls.length] ?? ''}${path}`, {
      method: init.method,
      headers: {
        authorization: `Bearer ${await options.serviceToken()}`,
        'x-request-timeout-ms': String(Math.ceil(init.timeoutMs)),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(init.body === undefined ? {} : { body: init.body }),
      signal,
    });
  }

  async function releaseInTheEnd(orderId: string): Promise<void> {
    for (const pauseMs of releasePausesMs) {
      try {
        await delay(pauseMs, undefined, { signal: options.signal });
        const response = await send(`/reservations/${orderId}`, { method: 'DELETE', timeoutMs: releaseAttemptMs });
        await response.body?.cancel();
        if (response.ok) return;
      } catch {
        if (options.signal.aborted) return;
      }
    }
  }

  async function attempt(request: ReservationRequest, timeoutMs: number): Promise<ReservedLine[]> {
    const response = await send('/reservations', { method: 'POST', body: JSON.stringify(request), timeoutMs });
    if (response.status === 409 || response.status === 422) throw await refusalOf(response);
    if (response.status !== 201) {
      await response.body?.cancel();
      throw unavailable();
    }
    const { lines } = (await response.json()) as { lines: ReservedLine[] };
    return lines;
  }

  return {
    async reserve(request, timeoutMs) {
      const startedAt = performance.now();
      // Twice at most, so that one dead instance costs no order: a reservation counts once for its order.
      for (const isLast of [false, true]) {
        const leftMs = timeoutMs - (performance.now() - startedAt);
        try {
          return await attempt(request, Math.max(1, leftMs));
        } catch (error) {
          if (!isUnanswered(error)) throw error;
          const isTimeout = error instanceof Error && error.name === 'TimeoutError';
          if (!isLast && !isTimeout && !options.signal.aborted) continue;
          // Whether it was reserved is not known: give it back, and order nothing.
          void releaseInTheEnd(request.orderId);
          throw isTimeout ? timedOut() : unavailable();
        }
      }
      throw unavailable();
    },
    async release(orderId, timeoutMs) {
      await Promise.race([releaseInTheEnd(orderId), delay(timeoutMs, undefined, { ref: false })]);
    },
  };
}
