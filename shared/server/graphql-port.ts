import type { IncomingHttpHeaders } from 'node:http';
import type { AbortSource } from '../abort.ts';
import type { TraceContext } from '../observability/trace-context.ts';
import type { RateCaller } from '../security/rate-limit.ts';
import type { Viewer } from '../security/viewer.ts';

/** What the edge has found out about a request before anything of GraphQL is looked at. One object a request. */
export interface EdgeRequest {
  /** In every log line and error of this request; the caller's own `x-request-id` where it is fit to be one. */
  readonly id: string;
  /** Null: anonymous. An invalid token never comes this far. */
  readonly viewer: Viewer | null;
  /** `apollographql-client-name` and `-version`, cleaned and clipped; null where not sent. */
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  /** The client's, by X-Forwarded-For where the peer is a trusted proxy. */
  readonly address: string;
  /** Whom the rate limit counts it for. */
  readonly caller: RateCaller;
  readonly trace: TraceContext;
  /** The header form of `trace`; goes down with every call. */
  readonly traceparent: string;
  /** From `x-request-timeout-ms`, clamped to [1, 3,600,000]; the profile's deadline caps it further. Null where not sent. */
  readonly requestedTimeoutMs: number | null;
  /** `Clock.nowMs()` when the request's headers had been read. */
  readonly startedMs: number;
  /** Aborts when the client has gone away before its answer was complete. */
  readonly signal: AbortSource;
}

/** A well-formed GraphQL-over-HTTP request: method, content type, encoding, size, CSRF, identity and rate limit have been checked. */
export interface GraphqlHttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: IncomingHttpHeaders;
  /** Without `__proto__` and `constructor` members, at most 32 levels deep, its known members of the right types; of a GET the query string's members, parsed. */
  readonly body: GraphqlHttpBody;
  /** What the answer's content type shall be, by the request's `Accept`. */
  readonly mediaType: GraphqlMediaType;
  readonly edge: EdgeRequest;
}

export interface GraphqlHttpBody {
  readonly query?: string | null;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly extensions?: Readonly<Record<string, unknown>> | null;
  /** A persisted document's id. */
  readonly documentId?: string | null;
  readonly [unknownMember: string]: unknown;
}

export type GraphqlMediaType = 'application/json' | 'application/graphql-response+json';

export interface GraphqlHttpAnswer {
  readonly status: number;
  /** Lower-case names; Apollo's `HeaderMap` is one. Without `content-type` the request's media type is used. */
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: string | Buffer | AsyncIterable<string>;
  /** What this answer cost and did, for the rate limit, the operation log and the metrics. */
  readonly usage?: ReportedUsage;
}

/** What the handler knows about an operation once it is done. */
export interface ReportedUsage {
  readonly operationName?: string | null;
  readonly operationType?: 'query' | 'mutation' | 'subscription';
  /** The persisted document's id or the hash of a free one. */
  readonly operationId?: string;
  /** The document's cost by the schema's cost model. */
  readonly cost?: number;
  /** Rate-limit points on top of the request's own 1: downstream calls times their weight. */
  readonly points?: number;
  readonly downstreamCalls?: number;
  readonly degradedCount?: number;
  /** Codes of the errors in the answer. */
  readonly errorCodes?: readonly string[];
  /** Its fields at the root, one for each alias. */
  readonly rootFields?: readonly string[];
  /** The deprecated fields that it asked for. */
  readonly deprecatedFields?: readonly string[];
  /** In a word, why it took long: `catalog`, `queue`, `cache`. */
  readonly slowReason?: string;
}

/** Answers GraphQL requests. May throw `AppError` or anything else: the edge answers in GraphQL's shape and masks what has no code. */
export interface GraphqlHandler {
  handle(request: GraphqlHttpRequest): Promise<GraphqlHttpAnswer>;
}
