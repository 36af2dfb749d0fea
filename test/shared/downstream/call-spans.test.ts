import { describe, expect, test } from 'vitest';
import type { FinishedSpan } from '../../../shared/observability/finished-span.ts';
import { createRequestTrace } from '../../../shared/observability/request-trace.ts';
import { continueTrace, formatTraceparent } from '../../../shared/observability/trace-context.ts';
import { createScope, outcome, read } from './support/calls.ts';
import { ok, setUpShop, unavailable } from './support/shop.ts';

const origin = continueTrace('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', () => false, 'vendor=abc');

function setUpTracedShop(options?: Parameters<typeof setUpShop>[0]) {
  const setting = setUpShop(options);
  const { clock, shop } = setting;
  const spans: FinishedSpan[] = [];
  const scope = createScope({
    clock,
    traceparent: formatTraceparent(origin),
    tracestate: 'vendor=abc',
    trace: createRequestTrace((span) => spans.push(span), { trace: origin }, clock),
  });
  const run = async () => {
    const ended = outcome(shop.downstream.call(read, {}, scope));
    await clock.advance(2000);
    return ended;
  };
  return { ...setting, spans, run };
}

describe('a traced call', () => {
  test('is a span, and each of its attempts one below it, which the service goes on with', async () => {
    const { shop, spans, run } = setUpTracedShop();
    shop.react = (_request, index) => (index === 0 ? unavailable : { ...ok, afterMs: 7 });
    expect(await run()).toBe(200);
    const [first, second, call] = spans;
    expect(call).toMatchObject({
      name: 'call GET /products',
      kind: 'internal',
      trace: { traceId: origin.traceId, parentSpanId: origin.spanId },
      attributes: { 'peer.service': 'shop', 'bff.attempts': 2, 'bff.outcome': '200' },
    });
    expect(first).toMatchObject({ name: 'GET /products', kind: 'client', errorCode: 'server-error' });
    expect(second).toMatchObject({ durationMs: 7, attributes: { 'bff.attempt': 2, 'http.response.status_code': 200 } });
    expect([first, second].map((span) => span?.trace.parentSpanId)).toEqual([call?.trace.spanId, call?.trace.spanId]);
    expect(shop.received.map(({ headers }) => headers['traceparent']?.split('-')[2])).toEqual([
      first?.trace.spanId,
      second?.trace.spanId,
    ]);
    expect(shop.received.map(({ headers }) => headers['tracestate'])).toEqual(['vendor=abc', 'vendor=abc']);
  });

  test('that is not let out says so', async () => {
    const { shop, spans, run } = setUpTracedShop({ policy: { breakerFailures: 1, breakerFailureRatio: 0.1 } });
    shop.react = () => unavailable;
    await run();
    spans.length = 0;
    expect(await run()).toBe('CIRCUIT_OPEN');
    expect(spans).toEqual([
      expect.objectContaining({ name: 'call GET /products', durationMs: 0, errorCode: 'CIRCUIT_OPEN' }),
    ]);
  });
});
