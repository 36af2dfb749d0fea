import { type Clock, systemClock } from '../../../../shared/clock.ts';
import { type CallReport, type CallScope, createCallScope } from '../../../../shared/downstream/call-scope.ts';
import { createDeadline } from '../../../../shared/downstream/deadline.ts';
import type { Endpoint } from '../../../../shared/downstream/endpoint.ts';
import { AppError } from '../../../../shared/errors.ts';

export const read: Endpoint = { service: 'shop', method: 'GET', route: '/products', identity: 'service' };
export const hedgedRead: Endpoint = { ...read, isHedged: true };
export const write: Endpoint = { service: 'shop', method: 'POST', route: '/orders', identity: 'viewer' };
export const idempotentWrite: Endpoint = { ...write, isIdempotent: true };

export interface ScopeOptions {
  readonly clock?: Clock;
  readonly budgetMs?: number;
  readonly attemptCapMs?: number;
  /** Where only optional sections ask: what they have left at the start. */
  readonly sectionLeftMs?: number;
  readonly client?: AbortSignal;
  readonly report?: CallReport;
  readonly authorization?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly trace?: CallScope['trace'];
}

/** The scope of one request, of a signed-in viewer; attempts are not capped unless the test says so. */
export function createScope(options: ScopeOptions = {}): CallScope {
  const clock = options.clock && { clock: options.clock };
  const deadline = createDeadline({
    budgetMs: options.budgetMs ?? 8000,
    attemptCapMs: options.attemptCapMs ?? Infinity,
    ...(options.client && { parent: options.client }),
    ...clock,
  });
  return createCallScope({
    deadline: Object.assign(deadline, options.sectionLeftMs && sectionOf(options.clock, options.sectionLeftMs)),
    viewerId: 'viewer-1',
    authorization: options.authorization ?? 'Bearer viewer-token',
    correlationId: 'correlation-1',
    traceparent: options.traceparent,
    tracestate: options.tracestate ?? null,
    trace: options.trace,
    report: options.report,
    ...clock,
  });
}

function sectionOf(clock: Clock = systemClock, leftMs: number) {
  const endsAtMs = clock.nowMs() + leftMs;
  return { sectionLeftMs: () => Math.max(0, endsAtMs - clock.nowMs()) };
}

/** How a call ended: its status, or its error's code. */
export async function outcome(call: Promise<{ status: number }>): Promise<number | string> {
  try {
    return (await call).status;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** The AppError that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<AppError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('The call was expected to fail.');
}

/** What something came to, and how long it took on the wall. */
export async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAt = performance.now();
  const result = await work;
  return { result, ms: performance.now() - startedAt };
}
