import { AppError, type AppErrorOptions, type ErrorCode } from '../errors.ts';

/**
 * How an attempt went wrong. `network`: refused, reset, cut off, name not found, TLS. `timeout`: its own time was over.
 * `deadline`: the request's time was over. `cancelled`: whoever asked has gone, or another attempt won. `server-error`: a 5xx.
 * `rate-limited`: a 429. `unreadable`: not JSON, too large, a redirect. The last three never left this process:
 * `overloaded`: no slot in the bulkhead. `no-instance`: nobody to ask. `invalid`: a request that cannot be written.
 */
export type FailureKind =
  | 'network'
  | 'timeout'
  | 'deadline'
  | 'cancelled'
  | 'server-error'
  | 'rate-limited'
  | 'unreadable'
  | 'overloaded'
  | 'no-instance'
  | 'invalid';

/** A write that may or may not have been done: its answer was lost after it was sent. */
class LostAnswerError extends AppError {}

/** Whether a write may have reached its service without an answer coming back, so that only asking again with the same idempotency key can tell. */
export function isOutcomeUnknown(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof LostAnswerError) return true;
  }
  return false;
}

export interface FailureDetails extends AppErrorOptions {
  readonly service: string;
  readonly isOutcomeUnknown?: boolean;
}

/** Whether its service may have seen the call: it has answered it, or nobody knows. */
export function wasSent(error: unknown): boolean {
  return !(error instanceof AppError) || error.status !== undefined || isOutcomeUnknown(error);
}

/** The error that a failed call is told to the rest of the server by. */
export function failureError(kind: FailureKind, details: FailureDetails): AppError {
  const ErrorClass = details.isOutcomeUnknown ? LostAnswerError : AppError;
  return new ErrorClass(failureCode(kind), messageOf(kind, details.service), details);
}

/** The error of a call that an open breaker, or a night switch in its place, did not let out. */
export function circuitOpenError(service: string, retryAfterSeconds: number): AppError {
  return new AppError('CIRCUIT_OPEN', `The ${service} service is not being asked at the moment.`, {
    service,
    retryAfterSeconds,
  });
}

/** The error of a call to a service that a night switch has taken out. */
export function switchedOffError(service: string, retryAfterSeconds: number): AppError {
  return new AppError('DOWNSTREAM_UNAVAILABLE', `The ${service} service is switched off for now.`, {
    service,
    retryAfterSeconds,
  });
}

/** The error of an answer that refuses: a 4xx that the endpoint does not declare. */
export function refusalError(status: number, service: string, problem: unknown): AppError {
  const code = refusalCode(status);
  return new AppError(code, refusalMessage(code, service), { service, status, problem });
}

/** The code that a kind of failure is told by. */
export function failureCode(kind: FailureKind): ErrorCode {
  switch (kind) {
    case 'network':
    case 'server-error':
    case 'no-instance':
      return 'DOWNSTREAM_UNAVAILABLE';
    case 'timeout':
      return 'DOWNSTREAM_TIMEOUT';
    case 'deadline':
    case 'cancelled':
      return 'DEADLINE_EXCEEDED';
    case 'rate-limited':
      return 'DOWNSTREAM_RATE_LIMITED';
    case 'unreadable':
      return 'DOWNSTREAM_BAD_RESPONSE';
    case 'overloaded':
      return 'OVERLOADED';
    case 'invalid':
      return 'INTERNAL_SERVER_ERROR';
  }
}

function messageOf(kind: FailureKind, service: string): string {
  switch (kind) {
    case 'network':
    case 'server-error':
    case 'no-instance':
      return `The ${service} service is not available.`;
    case 'timeout':
      return `The ${service} service did not answer in time.`;
    case 'deadline':
      return `The request's time was over before the ${service} service answered.`;
    case 'cancelled':
      return `The call to the ${service} service was given up.`;
    case 'rate-limited':
      return `The ${service} service asks for fewer calls.`;
    case 'unreadable':
      return `The ${service} service gave an answer that cannot be read.`;
    case 'overloaded':
      return `Too many calls to the ${service} service are under way.`;
    case 'invalid':
      return `The call to the ${service} service could not be written.`;
  }
}

function refusalCode(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'FORBIDDEN';
    case 404:
    case 410:
      return 'NOT_FOUND';
    case 409:
    case 412:
      return 'CONFLICT';
    default:
      return 'BAD_USER_INPUT';
  }
}

function refusalMessage(code: ErrorCode, service: string): string {
  switch (code) {
    case 'UNAUTHENTICATED':
      return 'Sign in to see this.';
    case 'FORBIDDEN':
      return 'This is not yours to see or change.';
    case 'NOT_FOUND':
      return 'There is no such thing.';
    case 'CONFLICT':
      return 'This is no longer as it was when you read it; read it again.';
    default:
      return `The ${service} service did not accept the request.`;
  }
}
