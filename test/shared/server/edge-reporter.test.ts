import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { AppError } from '../../../shared/errors.ts';
import { createAuditLog } from '../../../shared/observability/audit-log.ts';
import type { FinishedSpan } from '../../../shared/observability/finished-span.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { createOperationLog } from '../../../shared/observability/operation-log.ts';
import { createPseudonym } from '../../../shared/observability/pseudonym.ts';
import { createRateLimiter } from '../../../shared/security/rate-limit.ts';
import { createEdgeReporter } from '../../../shared/server/edge-reporter.ts';
import type { HttpServerOptions } from '../../../shared/server/http.ts';
import { collectLogger, openEdge } from './edge-under-test.ts';
import { sendRaw } from './raw-http.ts';

async function openReportingEdge(options: Partial<HttpServerOptions> = {}) {
  const lines: string[] = [];
  const spans: FinishedSpan[] = [];
  const logger = collectLogger(lines);
  const metrics = createMetrics({ withProcess: false });
  const observer = createEdgeReporter({
    logOperation: createOperationLog(logger, { slowAfterMs: 0 }),
    audit: createAuditLog(logger, systemClock),
    metrics,
    tracing: { record: (span) => spans.push(span) },
    pseudonymOf: createPseudonym('secret'),
  });
  const edge = await openEdge({ observer, ...options });
  const find = (message: string) =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['msg'] === message);
  return { edge, lines, spans, metrics, find };
}

function post(url: string, headers: Record<string, string> = {}, body = '{"query":"{ hello }"}') {
  return request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

describe('an answered request', () => {
  it('is one line with who, which client, what, and how it went', async () => {
    const { edge, find, spans } = await openReportingEdge({
      graphql: {
        handle: async () => ({
          status: 200,
          headers: [],
          body: '{"data":{}}',
          usage: {
            operationName: 'Home',
            operationType: 'query',
            operationId: 'sha256:ab',
            cost: 12,
            downstreamCalls: 4,
            degradedCount: 1,
            errorCodes: ['CIRCUIT_OPEN'],
            slowReason: 'catalog',
          },
        }),
      },
    });
    await post(edge.url, {
      'x-request-id': 'r-1',
      'apollographql-client-name': 'ios',
      'apollographql-client-version': '1.0',
      authorization: `Bearer ${await edge.identity.sign()}`,
    });
    expect(find('operation')).toEqual([
      expect.objectContaining({
        requestId: 'r-1',
        viewer: expect.stringMatching(/^[\w-]{16}$/),
        client: 'ios',
        version: '1.0',
        operation: 'Home',
        operationId: 'sha256:ab',
        cost: 12,
        downstreamCalls: 4,
        degraded: 1,
        status: 200,
        errors: ['CIRCUIT_OPEN'],
        bytes: 11,
        slow: 'catalog',
      }),
    ]);
    expect(find('audit')).toEqual([]);
    expect(spans).toEqual([expect.objectContaining({ name: 'Home', kind: 'server', errorCode: 'CIRCUIT_OPEN' })]);
  });

  it('that was a mutation is in the audit log, by id', async () => {
    const { edge, find } = await openReportingEdge({
      graphql: {
        handle: async () => ({
          status: 200,
          headers: [],
          body: '{}',
          usage: { operationName: 'Buy', operationType: 'mutation', rootFields: ['placeOrder'] },
        }),
      },
    });
    await post(edge.url, { 'x-request-id': 'r-2', authorization: `Bearer ${await edge.identity.sign()}` });
    expect(find('audit')).toEqual([
      expect.objectContaining({
        audit: true,
        event: 'mutation',
        who: 'user-1',
        what: 'placeOrder',
        outcome: 'ok',
        requestId: 'r-2',
        address: '127.0.0.1',
      }),
    ]);
  });

  it('in which a field was forbidden is in the audit log', async () => {
    const { edge, find } = await openReportingEdge({
      graphql: {
        handle: async () => ({
          status: 200,
          headers: [],
          body: '{}',
          usage: { operationName: 'Spy', operationType: 'query', errorCodes: ['FORBIDDEN'] },
        }),
      },
    });
    await post(edge.url);
    expect(find('audit')).toEqual([
      expect.objectContaining({ event: 'refusal', who: null, what: 'Spy', outcome: 'FORBIDDEN' }),
    ]);
  });
});

describe('a client that leaves before its answer', () => {
  it('is told apart from a failure', async () => {
    const client = new AbortController();
    const { edge, find, metrics } = await openReportingEdge({
      graphql: {
        async handle({ edge: { signal } }) {
          client.abort();
          await new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
          return { status: 200, headers: [], body: '{}', usage: { errorCodes: ['DEADLINE_EXCEEDED'] } };
        },
      },
    });
    await expect(
      request(`${edge.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ hello }"}',
        signal: client.signal,
      }),
    ).rejects.toThrow('aborted');
    await expect
      .poll(() => find('operation'))
      .toEqual([expect.objectContaining({ status: 499, errors: [], bytes: 0 })]);
    const text = await metrics.text();
    expect(text).toContain('bff_requests_total{client="none",version="none",outcome="left"} 1');
    expect(text).not.toContain('DEADLINE_EXCEEDED');
  });
});

describe('a refused request', () => {
  it('whose token is not valid is in the audit log with the reason, which the client is not told', async () => {
    const { edge, find } = await openReportingEdge();
    const answer = await post(edge.url, {
      'x-request-id': 'r-3',
      authorization: `Bearer ${await edge.identity.sign({ aud: 'bank' })}`,
    });
    expect(await answer.body.text()).not.toContain('aud');
    expect(find('audit')).toEqual([
      expect.objectContaining({
        event: 'authentication',
        who: null,
        what: '/graphql',
        outcome: 'UNAUTHENTICATED',
        requestId: 'r-3',
        reason: expect.stringContaining('aud'),
      }),
    ]);
  });

  it('for its rate is in the audit log', async () => {
    const limiter = createRateLimiter({ clock: systemClock, addressPointsPerMinute: 1 });
    const { edge, find } = await openReportingEdge({ limiter });
    await post(edge.url);
    await post(edge.url);
    expect(find('audit')).toEqual([expect.objectContaining({ event: 'refusal', outcome: 'RATE_LIMITED' })]);
  });

  it('that came as far as the handler has its operation line', async () => {
    const { edge, find } = await openReportingEdge({
      graphql: { handle: async () => Promise.reject(new AppError('DEADLINE_EXCEEDED', 'Too late.')) },
    });
    await post(edge.url);
    expect(find('operation')).toEqual([expect.objectContaining({ status: 504, errors: ['DEADLINE_EXCEEDED'] })]);
  });

  it.each([
    ['by its token', { authorization: 'Bearer x' }, '{"query":"{ hello }"}', 401, 'UNAUTHENTICATED', 'authentication'],
    ['by its content type', { 'content-type': 'text/plain' }, '{}', 415, 'UNSUPPORTED_MEDIA_TYPE', 'refusal'],
    ['by its Accept', { accept: 'text/plain' }, '{"query":"{ hello }"}', 406, 'NOT_ACCEPTABLE', 'refusal'],
    ['by its body', {}, '{', 400, 'BAD_REQUEST', 'refusal'],
  ])(
    '%s has one operation line and one audit line, and counts for its client',
    async (_what, headers, body, status, code, event) => {
      const { edge, find, metrics } = await openReportingEdge();
      const named = { 'apollographql-client-name': 'ios', 'apollographql-client-version': '4.2.0' };
      await post(edge.url, { ...named, authorization: `Bearer ${await edge.identity.sign()}` });
      const before = find('operation').length;
      await post(edge.url, { ...named, 'x-request-id': 'r-4', ...headers }, body);
      expect(find('operation').slice(before)).toEqual([
        expect.objectContaining({
          requestId: 'r-4',
          client: 'ios',
          version: '4.2.0',
          viewer: null,
          status,
          errors: [code],
        }),
      ]);
      expect(find('audit')).toEqual([expect.objectContaining({ requestId: 'r-4', event, outcome: code })]);
      expect(await metrics.text()).toContain('bff_requests_total{client="ios",version="4.2.0",outcome="refused"} 1');
    },
  );

  it('that GraphQL refused is in the audit log', async () => {
    const { edge, find } = await openReportingEdge({
      graphql: {
        handle: async () => ({
          status: 400,
          headers: [],
          body: '{}',
          usage: { errorCodes: ['PERSISTED_DOCUMENT_REQUIRED'] },
        }),
      },
    });
    await post(edge.url);
    expect(find('operation')).toHaveLength(1);
    expect(find('audit')).toEqual([
      expect.objectContaining({ event: 'refusal', outcome: 'PERSISTED_DOCUMENT_REQUIRED', address: '127.0.0.1' }),
    ]);
  });

  it('for our load, or by a fault of ours, is no line in the audit log', async () => {
    const { edge, find } = await openReportingEdge({
      graphql: { handle: async () => Promise.reject(new AppError('OVERLOADED', 'Too much.')) },
    });
    await post(edge.url);
    expect(find('audit')).toEqual([]);
    expect(find('operation')).toHaveLength(1);
  });

  it('is counted by its code', async () => {
    const { edge, metrics } = await openReportingEdge();
    await post(edge.url, {}, '{');
    await request(`${edge.url}/nowhere`);
    await sendRaw(edge.port, 'no HTTP at all\r\n\r\n');
    const text = await metrics.text();
    expect(text).toContain('bff_errors_total{code="BAD_REQUEST"} 2');
    expect(text).toContain('bff_errors_total{code="NOT_FOUND"} 1');
    expect(text).toContain('bff_requests_total{client="none",version="none",outcome="refused"} 3');
  });
});

describe('a secret', () => {
  it('sent in every place where one may stand is found in no sink: no log line, metric, span or answer', async () => {
    const canary = 'canary-7d1f3a9e5b';
    const { edge, lines, metrics, spans } = await openReportingEdge();
    const token = await edge.identity.sign({ sub: 'user-7', secret: canary });
    const signature = token.split('.')[2] ?? '';
    const answers: string[] = [];
    const ask = async (headers: Record<string, string>, body?: string) => {
      const answer = await post(edge.url, headers, body);
      answers.push(JSON.stringify(answer.headers), await answer.body.text());
    };
    await ask({ authorization: `Bearer ${token}` });
    await ask({ authorization: `Bearer ${canary}` });
    await ask({ authorization: `Bearer ${token.slice(0, -4)}AAAA` });
    await ask({ authorization: `Basic ${Buffer.from(`user:${canary}`).toString('base64')}` });
    await ask({ cookie: `session=${canary}`, 'x-api-key': canary, 'proxy-authorization': canary });
    await ask(
      {},
      JSON.stringify({
        query: 'mutation ($password: String) { greet }',
        variables: { password: canary, card: canary },
      }),
    );
    await ask({}, JSON.stringify({ query: '{ hello }', password: canary }));
    const other = await request(`${edge.url}/nowhere?token=${canary}`);
    answers.push(await other.body.text());
    const everything = [...lines, await metrics.text(), JSON.stringify(spans), ...answers].join('\n');
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(signature);
    expect(everything).not.toContain('"viewer":"user-7"');
  });
});
