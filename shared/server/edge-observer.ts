import type { EdgeRequest, GraphqlHttpAnswer } from './graphql-port.ts';

/** A request that the handler answered. */
export interface AnsweredRequest {
  readonly edge: EdgeRequest;
  readonly answer: GraphqlHttpAnswer;
  readonly durationMs: number;
  /** Of the body, as it went out. */
  readonly sentBytes: number;
}

/** A request that was turned away before or instead of an answer, on any route. */
export interface RefusedRequest {
  readonly requestId: string;
  /** Null where it was turned away before anybody was found behind it. */
  readonly edge: EdgeRequest | null;
  /** What it calls itself, cleaned and clipped; nobody has checked it. */
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly path: string;
  /** Whether it came to the GraphQL endpoint. */
  readonly isGraphql: boolean;
  readonly address: string;
  readonly status: number;
  readonly code: string;
  readonly error: unknown;
  /** Since its headers had been read; 0 where it was turned away at once. */
  readonly durationMs: number;
}

/** Told of every GraphQL request and every refusal once: for the operation log, the audit log and the metrics. */
export interface EdgeObserver {
  answered(request: AnsweredRequest): void;
  refused(request: RefusedRequest): void;
}

export const silentObserver: EdgeObserver = { answered: () => {}, refused: () => {} };
