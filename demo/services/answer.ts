import type { IncomingMessage, ServerResponse } from 'node:http';
import { entityTag, matchesTag } from './entity-tag.ts';
import { type FaultPlan, mergeOver } from './fault-plan.ts';
import type { Operation } from './operation.ts';
import { Problem, problemBody } from './problem.ts';
import type { ServiceAnswer } from './service.ts';

const brokenJson = '{"items":[{"id":"product-1","name":"Half an ans';
const errorPage = '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>';

function cacheControl(operation: Operation | undefined, status: number): string {
  if (status >= 400 || !operation || operation.method === 'POST' || operation.method === 'PATCH') return 'no-store';
  return operation.cacheControl ?? (operation.access === 'public' ? 'public, max-age=10' : 'private, no-cache');
}

function send(
  response: ServerResponse,
  status: number,
  content: { headers: Record<string, string>; bytes?: Uint8Array | string },
) {
  if (response.destroyed || response.headersSent) return;
  const { bytes } = content;
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes?.byteLength;
  response.writeHead(status, { ...content.headers, ...(length === undefined ? {} : { 'content-length': length }) });
  // node:http leaves the body out of answers to HEAD by itself.
  response.end(bytes);
}

/** Writes an answer with its caching headers, or 304 where the caller has it already. */
export function writeAnswer(
  exchange: { request: IncomingMessage; response: ServerResponse },
  answer: ServiceAnswer,
  context: { operation: Operation | undefined; patch?: Record<string, unknown> | undefined },
): void {
  const { operation, patch } = context;
  const { status } = answer;
  const headers: Record<string, string> = { 'cache-control': cacheControl(operation, status), ...answer.headers };
  if (operation && operation.access !== 'public') headers['vary'] = 'authorization';
  if (answer.bytes || (answer.body === undefined && !patch)) {
    const isUnchanged = headers['etag'] && matchesTag(exchange.request.headers['if-none-match'] ?? '', headers['etag']);
    if (isUnchanged) return send(exchange.response, 304, { headers });
    return send(exchange.response, status, { headers, ...(answer.bytes ? { bytes: answer.bytes } : {}) });
  }
  const text = JSON.stringify(patch ? mergeOver(answer.body, patch) : answer.body);
  headers['content-type'] = status >= 400 ? 'application/problem+json' : 'application/json';
  if (operation?.isConditional && status === 200 && !patch) {
    const tag = entityTag(text);
    headers['etag'] = tag;
    const known = exchange.request.headers['if-none-match'];
    if (known !== undefined && matchesTag(known, tag)) {
      delete headers['content-type'];
      return send(exchange.response, 304, { headers });
    }
  }
  return send(exchange.response, status, { headers, bytes: text });
}

/** Whether the plan takes the place of the answer, rather than delaying or patching it. */
export function replacesAnswer(plan: FaultPlan): boolean {
  return plan.hang === true || plan.reset === true || plan.malformed !== undefined || plan.status !== undefined;
}

function writeMalformed(response: ServerResponse, kind: true | 'html' | 'empty'): void {
  const bodies = { html: errorPage, empty: '' };
  const headers = { 'content-type': kind === 'html' ? 'text/html; charset=utf-8' : 'application/json' };
  send(response, 200, { headers, bytes: kind === true ? brokenJson : bodies[kind] });
}

/** Answers as the fault says instead of as the service would. */
export function writeFault(exchange: { request: IncomingMessage; response: ServerResponse }, plan: FaultPlan): void {
  if (plan.hang) return;
  if (plan.reset) {
    exchange.request.socket.resetAndDestroy();
    return;
  }
  if (plan.malformed !== undefined) return writeMalformed(exchange.response, plan.malformed);
  const status = plan.status ?? 500;
  const retryAfter = plan.retryAfterSeconds === undefined ? {} : { 'retry-after': String(plan.retryAfterSeconds) };
  const body =
    status >= 400 ? problemBody(new Problem(status, 'injected-fault', { detail: 'A fault that was asked for.' })) : {};
  const headers = {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'cache-control': 'no-store',
    ...retryAfter,
  };
  const hasBody = status !== 204 && status !== 304;
  send(exchange.response, status, {
    headers,
    ...(hasBody ? { bytes: JSON.stringify(plan.body ? mergeOver(body, plan.body) : body) } : {}),
  });
}
