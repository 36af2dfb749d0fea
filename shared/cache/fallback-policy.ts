import type { ErrorCode } from '../errors.ts';
import { AppError } from '../errors.ts';
import { readProblem } from '../problem.ts';

const fallbackCodes: ReadonlySet<ErrorCode> = new Set([
  'CIRCUIT_OPEN',
  'DOWNSTREAM_UNAVAILABLE',
  'DOWNSTREAM_TIMEOUT',
  'DEADLINE_EXCEEDED',
  'DOWNSTREAM_BAD_RESPONSE',
  'DOWNSTREAM_RATE_LIMITED',
  'OVERLOADED',
]);

/** Whether this failure is the service's, so that what is kept may stand in. Any other is an answer (a 4xx) or our own bug. */
export function fallsBack(error: AppError): boolean {
  return fallbackCodes.has(error.code);
}

/** Whether the service says that there is no such thing (any more): an answer, which takes the place of what is kept. */
export function isGone(error: AppError): boolean {
  return error.code === 'NOT_FOUND';
}

/** Whether the service has refused this viewer, so that nothing kept for them may be shown any more. */
export function isRefusal(error: AppError): boolean {
  return error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN';
}

/** Whether it has refused what this viewer's token allows, and not the viewer: another token of theirs may do. */
export function isTokenRefusal(error: AppError): boolean {
  return error.code === 'FORBIDDEN' && readProblem(error.problem).slug === 'insufficient-scope';
}

/** How long a read waits where it could be served something else. */
export interface WaitPolicy {
  /** 500: a hanging section would delay the whole answer, GraphQL sends only one. */
  readonly maxWaitMs: number;
  /** 0.4 of what is left of the deadline: two such reads in a row still leave time to answer. */
  readonly maxShare: number;
}

/** Milliseconds a read that has a fallback waits for the service, with this much left of its deadline. */
export function waitLimitMs(policy: WaitPolicy, remainingMs: number): number {
  return Math.min(policy.maxWaitMs, policy.maxShare * remainingMs);
}

/** Any failure as one with a code; what has none is a bug of ours and is told to nobody in its own words. */
export function asAppError(failure: unknown, service: string): AppError {
  if (failure instanceof AppError) return failure;
  return new AppError('INTERNAL_SERVER_ERROR', 'This part of the answer failed.', { cause: failure, service });
}
