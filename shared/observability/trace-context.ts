import { randomFillSync } from 'node:crypto';

/** One request's place in a trace: W3C Trace Context level 1. */
export interface TraceContext {
  readonly traceId: string;
  /** The span that called us; null where we begin the trace. */
  readonly parentSpanId: string | null;
  /** This request's own span. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What the systems before us carry along in `tracestate`; null where they send nothing that may be passed on. */
  readonly state: string | null;
}

/** Version 00 has these four fields; a later version may have more behind another dash (§2.2.4), version ff is forbidden. */
const traceparentForm = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Printable ASCII, as a header may hold; 512 characters must be carried (§3.3.1.5), more need not. */
const tracestateForm = /^[\x20-\x7e]{1,512}$/;
const zeroTrace = '0'.repeat(32);
const zeroSpan = '0'.repeat(16);

/**
 * Goes on with the caller's trace, or begins one where the header is missing, malformed or all zeroes; `isSampled` decides for
 * those, and their `tracestate` is dropped (§4.3).
 */
export function continueTrace(
  traceparent: string | undefined,
  isSampled: () => boolean,
  tracestate?: string,
): TraceContext {
  const parts = traceparent === undefined || traceparent.length > 256 ? null : traceparentForm.exec(traceparent);
  if (parts === null) return beginTrace(isSampled());
  const [, version, traceId = zeroTrace, parentSpanId = zeroSpan, flags = '00', rest] = parts;
  if (traceId === zeroTrace || parentSpanId === zeroSpan || (version === '00' && rest !== undefined)) {
    return beginTrace(isSampled());
  }
  return {
    traceId,
    parentSpanId,
    spanId: randomHex(8),
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    state: tracestate !== undefined && tracestateForm.test(tracestate) ? tracestate : null,
  };
}

/** The span that a header of ours names; null where it is not one. */
export function readTraceparent(
  traceparent: string | undefined,
): { readonly traceId: string; readonly spanId: string } | null {
  const [, , traceId, spanId] = traceparentForm.exec(traceparent ?? '') ?? [];
  return traceId === undefined || spanId === undefined ? null : { traceId, spanId };
}

/** A span under this one: a call of ours, a section, a look-up. */
export function childOf(parent: TraceContext): TraceContext {
  return { ...parent, parentSpanId: parent.spanId, spanId: randomHex(8) };
}

/** The header that makes the next hop a child of this span. */
export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.isSampled ? '01' : '00'}`;
}

/** A trace that begins here. */
export function beginTrace(isSampled: boolean): TraceContext {
  return { traceId: randomHex(16), parentSpanId: null, spanId: randomHex(8), isSampled, state: null };
}

/** Random bytes come from the system 4 KB at a time: a call for 8 of them costs 20 times as much. */
const pool = Buffer.alloc(4096);
let used = pool.length;

export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
