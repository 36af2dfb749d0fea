import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, type ErrorCode } from '../errors.ts';
import { RequestRefusal } from './request-refusal.ts';

/** What Apollo itself refuses a request with, before anything runs. */
const apolloCodes: ReadonlySet<string> = new Set(['BAD_REQUEST']);

/** The failure that lies at the bottom of what graphql-js, the executor or Apollo wrapped. */
export function rootCause(error: unknown): unknown {
  let cause = error;
  // Each layer wraps once; the bound is against a chain that bites its own tail.
  for (let depth = 0; depth < 8; depth += 1) {
    if (!(cause instanceof GraphQLError) || cause.originalError === undefined) return cause;
    cause = cause.originalError;
  }
  return cause;
}

export interface ErrorFormatOptions {
  /** Called once for each failure that is masked; for the log, with everything that the client is not told. */
  readonly onMasked?: (error: unknown, requestId: string) => void;
}

/** An error as the client gets it, and its code. */
export interface FormattedError {
  readonly code: string;
  readonly error: GraphQLFormattedError;
}

export type ErrorFormatter = (error: unknown, requestId: string) => FormattedError;

/** Builds the formatter that decides what of a failure a client is told: coded failures as they are, everything else masked. */
export function createErrorFormatter(options: ErrorFormatOptions = {}): ErrorFormatter {
  const logged = new WeakSet<object>();

  return (error, requestId) => {
    const place = error instanceof GraphQLError ? placeOf(error) : {};
    const cause = rootCause(error);
    if (cause instanceof AppError && cause.code !== 'INTERNAL_SERVER_ERROR') {
      const { code, message, isRetryable: retryable, retryAfterSeconds, service } = cause;
      const extensions = {
        code,
        retryable,
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        ...(service === undefined ? {} : { service }),
        requestId,
      };
      return { code, error: { message, ...place, extensions } };
    }
    const code = showableCodeOf(error);
    if (code !== undefined && error instanceof GraphQLError) {
      const message = withoutSuggestion(error.message);
      return { code, error: { message, ...place, extensions: { code, retryable: false, requestId } } };
    }
    logOnce(cause, requestId);
    const extensions = { code: maskedCode, retryable: false, requestId };
    return { code: maskedCode, error: { message: 'Something went wrong on our side.', ...place, extensions } };
  };

  // One failure can be the error of a hundred items.
  function logOnce(cause: unknown, requestId: string): void {
    if (typeof cause === 'object' && cause !== null) {
      if (logged.has(cause)) return;
      logged.add(cause);
    }
    try {
      options.onMasked?.(cause, requestId);
    } catch {
      // A log that cannot be written must not cost the answer what it has.
    }
  }
}

const maskedCode: ErrorCode = 'INTERNAL_SERVER_ERROR';

// A resolver could throw a GraphQLError with any code, so what has a path may not speak for itself.
function showableCodeOf(error: unknown): string | undefined {
  if (!(error instanceof GraphQLError) || error.path !== undefined) return undefined;
  const { code } = error.extensions;
  if (typeof code !== 'string') return undefined;
  return error instanceof RequestRefusal || apolloCodes.has(code) ? code : undefined;
}

function placeOf(error: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return {
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
  };
}

/** Messages of graphql-js quote what the client sent, however long: nobody needs more of it back. */
const maxMessageLength = 1000;

// "Did you mean" tells the schema, one guess at a time.
function withoutSuggestion(message: string): string {
  const short = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}...` : message;
  return short.replace(/ ?Did you mean [^?]*(?:\?|$)/g, '');
}
