/** Every failure that a client can be told of, by the code in its `extensions.code`. */
export const errorCodes = [
  'CIRCUIT_OPEN',
  'DOWNSTREAM_UNAVAILABLE',
  'DOWNSTREAM_TIMEOUT',
  'DEADLINE_EXCEEDED',
  'DOWNSTREAM_BAD_RESPONSE',
  'DOWNSTREAM_RATE_LIMITED',
  'OVERLOADED',
  'STALE_REFUSED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'CLIENT_TOO_OLD',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  'CIRCUIT_OPEN',
  'DOWNSTREAM_UNAVAILABLE',
  'DOWNSTREAM_TIMEOUT',
  'DEADLINE_EXCEEDED',
  'DOWNSTREAM_RATE_LIMITED',
  'OVERLOADED',
  'STALE_REFUSED',
  'RATE_LIMITED',
]);

/** Whether the same request may succeed when it is sent again later. */
export function isRetryable(code: ErrorCode): boolean {
  return retryableCodes.has(code);
}

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** When to try again, in whole seconds. */
  readonly retryAfterSeconds?: number | undefined;
  /** The service that failed; shown to the client, so a name and never an address. */
  readonly service?: string | undefined;
  /** The HTTP status that the service answered with; for our own code, not for the client. */
  readonly status?: number | undefined;
  /** The service's own words (its problem body); for our own code and the log, not for the client. */
  readonly problem?: unknown;
}

/** A failure with a code. Its message is shown to the client: it names no host, port or address. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly service: string | undefined;
  readonly status: number | undefined;
  readonly problem: unknown;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.service = options.service;
    this.status = options.status;
    this.problem = options.problem;
  }

  get isRetryable(): boolean {
    return isRetryable(this.code);
  }
}
