import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { childOf, continueTrace } from '../../../shared/observability/trace-context.ts';
import { createTracing } from '../../../shared/observability/tracing.ts';
import { openCollector as openAnyCollector } from '../../support/otlp-collector.ts';

/** A collector for one test. */
async function openCollector(answer?: Parameters<typeof openAnyCollector>[0]) {
  const collector = await openAnyCollector(answer);
  onTestFinished(collector.close);
  return collector;
}

const sampled = continueTrace('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', () => false);

describe('tracing', () => {
  it('sends spans with their parents, times, attributes and failures', async () => {
    const collector = await openCollector();
    const tracing = await createTracing({
      otlpUrl: collector.url,
      sampleRatio: 1,
      service: 'bff-mobile',
      clock: systemClock,
    });
    const child = childOf(sampled);
    const startedMs = systemClock.nowMs() - 30;
    tracing.record({
      name: 'GET /products',
      kind: 'client',
      trace: child,
      startedMs,
      durationMs: 20,
      errorCode: 'DOWNSTREAM_TIMEOUT',
    });
    tracing.record({
      name: 'Home',
      kind: 'server',
      trace: sampled,
      startedMs,
      durationMs: 30.5,
      attributes: { calls: 4 },
    });
    await tracing.close();
    const [call, request] = collector.spans;
    expect(call).toMatchObject({
      traceId: sampled.traceId,
      spanId: child.spanId,
      parentSpanId: sampled.spanId,
      name: 'GET /products',
      kind: 3,
      status: { code: 2, message: 'DOWNSTREAM_TIMEOUT' },
    });
    expect(request).toMatchObject({ spanId: sampled.spanId, parentSpanId: 'b7ad6b7169203331', name: 'Home', kind: 2 });
    expect(request?.attributes).toEqual([{ key: 'calls', value: { intValue: 4 } }]);
    const nanoseconds = BigInt(request?.endTimeUnixNano ?? 0) - BigInt(request?.startTimeUnixNano ?? 0);
    expect(Number(nanoseconds) / 1e6).toBeCloseTo(30.5, 1);
    expect(Math.abs(Number(BigInt(request?.endTimeUnixNano ?? 0) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    expect(collector.services).toContain('bff-mobile');
  });

  it('leaves out what is not sampled', async () => {
    const collector = await openCollector();
    const tracing = await createTracing({ otlpUrl: collector.url, sampleRatio: 0, service: 'x', clock: systemClock });
    const quiet = continueTrace(undefined, () => tracing.isSampled());
    tracing.record({ name: 'Home', kind: 'server', trace: quiet, startedMs: 0, durationMs: 1 });
    await tracing.close();
    expect(collector.spans).toEqual([]);
  });

  it('costs nothing where no collector is named', async () => {
    const tracing = await createTracing({ otlpUrl: null, sampleRatio: 1, service: 'x', clock: systemClock });
    expect(tracing.isSampled()).toBe(false);
    tracing.record({ name: 'Home', kind: 'server', trace: sampled, startedMs: 0, durationMs: 1 });
    await tracing.close();
  });

  it.each([
    ['refuses connections', () => 'http://127.0.0.1:1/v1/traces'],
    ['answers 500', async () => (await openCollector(() => 500)).url],
    ['never answers', async () => (await openCollector(() => 0)).url],
  ])('of a collector that %s fails nothing, and closes within 2 s', async (_name, find) => {
    let dropped = 0;
    const tracing = await createTracing({
      otlpUrl: await find(),
      sampleRatio: 1,
      service: 'x',
      clock: systemClock,
      onDropped: (count) => {
        dropped += count;
      },
    });
    for (let index = 0; index < 5000; index += 1) {
      tracing.record({ name: 'Home', kind: 'server', trace: sampled, startedMs: 0, durationMs: 1 });
    }
    const before = performance.now();
    await tracing.close();
    expect(performance.now() - before).toBeLessThan(4000);
    // What the queue does not hold is counted, and not left out without a word.
    expect(dropped).toBeGreaterThanOrEqual(5000 - 2048);
  });

  it('of one request is at most 200 spans', async () => {
    const collector = await openCollector();
    const tracing = await createTracing({ otlpUrl: collector.url, sampleRatio: 1, service: 'x', clock: systemClock });
    const trace = tracing.open(sampled);
    for (let index = 0; index < 300; index += 1) trace?.begin('batch catalog.products', 'internal')?.end();
    await tracing.close();
    expect(collector.spans).toHaveLength(200);
    expect(tracing.open({ ...sampled, isSampled: false })).toBeUndefined();
  });
});
