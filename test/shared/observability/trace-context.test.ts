import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childOf, continueTrace, formatTraceparent } from '../../../shared/observability/trace-context.ts';

const never = () => false;
const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

describe('a traceparent', () => {
  it('is gone on with, in a new span', () => {
    const context = continueTrace(`00-${trace}-${span}-01`, never);
    expect(context).toMatchObject({ traceId: trace, parentSpanId: span, isSampled: true });
    expect(context.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(context.spanId).not.toBe(span);
  });

  it('of a later version is read by its first four fields', () => {
    expect(continueTrace(`cc-${trace}-${span}-00-what-comes-next`, never)).toMatchObject({
      traceId: trace,
      isSampled: false,
    });
  });

  it.each([
    undefined,
    '',
    'garbage',
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01-more`,
    `ff-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}x-${span}-01`,
    `00-${trace}-${span}-01\r\nx-evil: 1`,
    ` 00-${trace}-${span}-01`,
    `01-${trace}-${span}-01-${'x'.repeat(300)}`,
  ])('"%s" begins a new trace', (header) => {
    const context = continueTrace(header, () => true);
    expect(context).toMatchObject({ parentSpanId: null, isSampled: true });
    expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(context.traceId).not.toBe(trace);
  });

  it('that we send is one that we would go on with, whatever came in', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const context = continueTrace(header, never);
        const next = continueTrace(formatTraceparent(context), never);
        expect(next).toMatchObject({ traceId: context.traceId, parentSpanId: context.spanId });
      }),
    );
  });
});

describe('a tracestate', () => {
  const traceparent = `00-${trace}-${span}-01`;

  it('is carried along with its trace, by its children too', () => {
    const context = continueTrace(traceparent, never, 'vendor=abc,other=1');
    expect(childOf(context).state).toBe('vendor=abc,other=1');
  });

  it.each(['', 'a=b\r\nx-evil: 1', `a=${'x'.repeat(600)}`, 'a=é'])('"%s" is dropped', (state) => {
    expect(continueTrace(traceparent, never, state).state).toBeNull();
  });

  it('whose traceparent is no good is dropped with it', () => {
    expect(continueTrace('garbage', never, 'vendor=abc').state).toBeNull();
    expect(continueTrace(undefined, never, 'vendor=abc').state).toBeNull();
  });
});

describe('ids', () => {
  it('are all different', () => {
    const root = continueTrace(undefined, never);
    const ids = new Set(Array.from({ length: 10_000 }, () => childOf(root).spanId));
    expect(ids.size).toBe(10_000);
  });
});
