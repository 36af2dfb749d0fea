import type { Caller } from './caller.ts';
import type { Operation } from './operation.ts';
import type { QueryValues } from './query.ts';
import type { Schemas } from './schema.ts';

export interface ServiceRequest {
  /** Null without a token. */
  caller: Caller | null;
  path: Record<string, string>;
  query: QueryValues;
  /** Checked against the operation's `body`. */
  body: unknown;
  header(name: string): string | undefined;
}

export interface ServiceAnswer {
  status: number;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as they are; `content-type` comes with the headers. */
  bytes?: Uint8Array;
  headers?: Record<string, string>;
}

export interface Route {
  operation: Operation;
  handle(request: ServiceRequest): ServiceAnswer | Promise<ServiceAnswer>;
}

/** One service: its routes and the words of its document. Any number of instances serve it, over one database. */
export interface Service {
  name: string;
  title: string;
  schemas: Schemas;
  routes: readonly Route[];
  idempotency?: IdempotencyStore;
  close(): void;
}

export interface IdempotencyStore {
  /** Runs the work once for this caller and key; every other call gets its stored answer. */
  run(
    attempt: { subject: string; key: string; fingerprint: string },
    work: () => Promise<ServiceAnswer>,
  ): Promise<ServiceAnswer>;
}
