import { AppError, type ErrorCode, isRetryable } from '../errors.ts';
import { RateRefusal, rateHeaders } from './rate-refusal.ts';

/** The codes of requests that HTTP itself rules out, before anything of GraphQL is looked at, with their status. */
export const refusalStatuses = {
  BAD_REQUEST: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  REQUEST_TIMEOUT: 408,
  CONTENT_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  EXPECTATION_FAILED: 417,
  HEADERS_TOO_LARGE: 431,
} as const;

export type RefusalCode = keyof typeof refusalStatuses;

/** A request that is turned away by the edge. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = refusalStatuses[code];
    this.code = code;
    this.headers = headers;
  }
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  BAD_USER_INPUT: 400,
  CLIENT_TOO_OLD: 400,
  RATE_LIMITED: 429,
  OVERLOADED: 503,
  CIRCUIT_OPEN: 503,
  DOWNSTREAM_UNAVAILABLE: 503,
  DOWNSTREAM_TIMEOUT: 504,
  DEADLINE_EXCEEDED: 504,
  DOWNSTREAM_BAD_RESPONSE: 502,
  DOWNSTREAM_RATE_LIMITED: 503,
};

/** An error answer in GraphQL's shape. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: string;
  readonly body: string;
}

/** The answer to a request that failed outside of GraphQL: its code where it has one, else masked. */
export function answerTo(error: unknown, requestId: string): ErrorAnswer {
  if (error instanceof Refusal) {
    return {
      status: error.status,
      headers: error.headers,
      code: error.code,
      body: render(error.message, { code: error.code, retryable: false, requestId }),
    };
  }
  if (error instanceof AppError && error.code !== 'INTERNAL_SERVER_ERROR') {
    const retryAfterSeconds = error.retryAfterSeconds;
    return {
      status: statuses[error.code] ?? 500,
      headers: {
        ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
        ...(error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {}),
        ...(error instanceof RateRefusal ? pairs(rateHeaders(error.decision)) : {}),
      },
      code: error.code,
      body: render(error.message, {
        code: error.code,
        retryable: isRetryable(error.code),
        retryAfterSeconds,
        requestId,
      }),
    };
  }
  const code = 'INTERNAL_SERVER_ERROR';
  return {
    status: 500,
    headers: {},
    code,
    body: render('Something went wrong on our side.', { code, retryable: false, requestId }),
  };
}

function pairs([policyName, policy, name, value]: ReturnType<typeof rateHeaders>): Record<string, string> {
  return { [policyName]: policy, [name]: value };
}

function render(message: string, extensions: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ errors: [{ message, extensions }] });
}
