export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One route of one service, declared once in its domain's `client.ts` and held against that service's OpenAPI document. */
export interface Endpoint {
  readonly service: string;
  readonly method: HttpMethod;
  /** As in the OpenAPI document: `/orders/{id}`. Also the label in metrics and reports. */
  readonly route: string;
  /** Whose token goes down: the viewer's, or this server's own for what is the same for everybody. */
  readonly identity: 'viewer' | 'service';
  /** The query parameters that may be sent. */
  readonly query?: readonly string[];
  /** Statuses besides 2xx that are an answer to the caller instead of an error. */
  readonly answers?: readonly number[];
  /** Whether a POST only asks, because its question does not fit into an address: a read in everything, as a GET is. */
  readonly isRead?: boolean;
  /** Whether a repeat of a write changes nothing; without this, only one with an idempotency key is repeated. */
  readonly isIdempotent?: boolean;
  /** Whether a slow read is asked a second time, of another instance, after the p95; for an optional section every read is, at half of its time. */
  readonly isHedged?: boolean;
}

export interface EndpointCall {
  /** Fills the `{names}` of the route; each value becomes one encoded path segment. */
  readonly params?: Readonly<Record<string, string>>;
  /** Undefined values are left out; lists are joined by commas. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  /** How many keys this call asks for, for the report and the batch-size metric; 1 where not given. */
  readonly keyCount?: number;
}

export interface ServiceAnswer {
  readonly status: number;
  /** The parsed JSON; undefined where the body was empty. */
  readonly body: unknown;
  /** The size of the body, decoded, in bytes. */
  readonly bytes: number;
  /** Milliseconds since the Unix epoch. */
  readonly receivedAtMs: number;
  /** Whether the answer to an attempt before this one was lost, so that a write may have been done though this one is refused. */
  readonly mayHaveActed?: boolean;
}
