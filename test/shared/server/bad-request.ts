import { expect } from 'vitest';
import { firstError, openEdge } from './edge-under-test.ts';
import { sendRaw } from './raw-http.ts';

export const good = '{"query":"{ hello }"}';

/** A POST to /graphql byte by byte; `headers` replace or, as undefined, remove ours. */
export function post(body: string | Buffer = good, headers: Record<string, string | undefined> = {}): Buffer {
  const bytes = Buffer.from(body);
  const all: Record<string, string | undefined> = {
    host: 'shop.example',
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return Buffer.concat([Buffer.from(['POST /graphql HTTP/1.1', ...lines, '', ''].join('\r\n'), 'latin1'), bytes]);
}

export function get(target: string, headers: Record<string, string> = {}, method = 'GET'): string {
  const lines = Object.entries({ host: 'shop.example', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

export const helloQuery = `/graphql?query=${encodeURIComponent('{ hello }')}`;
export const preflighted = { 'apollo-require-preflight': '1' };

export interface BadRequest {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly status: number;
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether only GraphQL itself can tell that it is bad; default false. */
  readonly reachesGraphql?: boolean;
}

/** Sends a request to an edge of its own and holds the refusal to the form that every one has. */
export async function expectRefusal(request: BadRequest): Promise<void> {
  const edge = await openEdge();
  const [answer] = await sendRaw(edge.port, request.bytes);
  expect(answer?.status).toBe(request.status);
  expect(firstError(answer?.body ?? '').code).toBe(request.code);
  expect(answer?.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer?.headers.get('cache-control')).toBe('no-store');
  expect(answer?.headers.get('x-content-type-options')).toBe('nosniff');
  for (const [name, value] of Object.entries(request.headers ?? {})) expect(answer?.headers.get(name)).toBe(value);
  expect(edge.handled.length).toBe(request.reachesGraphql ? 1 : 0);
}
