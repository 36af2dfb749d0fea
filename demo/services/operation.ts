import type { Schema } from './schema.ts';

export interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required?: boolean;
  description: string;
  schema: Schema;
  /** A list longer than its schema allows is answered with this instead of 422. */
  'x-over-limit-status'?: 413;
}

export interface DocumentedAnswer {
  description: string;
  schema?: Schema;
  /** JSON where it is not given; problems are known by their status. */
  mediaType?: string;
  /** What it carries beside the headers that follow from the operation: name and meaning. */
  headers?: Record<string, string>;
}

/** One endpoint as `/openapi.json` shows it; requests are checked against this very description. */
export interface Operation {
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As `/products/{id}`. */
  path: string;
  operationId: string;
  summary: string;
  access: 'public' | 'viewer' | 'service' | 'viewer-or-service';
  parameters?: readonly Parameter[];
  body?: Schema;
  answers: Record<number, DocumentedAnswer>;
  /** Whether `Idempotency-Key` is taken; not at all where it is not given. */
  idempotency?: 'required' | 'optional';
  /** Whether answers carry an ETag and `If-None-Match` is honoured. */
  isConditional?: true;
  cacheControl?: string;
}
