export interface FailureReason {
  readonly reason: string;
  /** What the system or the library calls it, as `ECONNREFUSED`; null where it has no name. */
  readonly code: string | null;
}

/** Why something outside failed, in one line for the log: the innermost cause, without the stack that wraps it. */
export function readFailureReason(error: unknown): FailureReason {
  let innermost = error;
  for (let depth = 0; depth < 5 && innermost instanceof Error && innermost.cause instanceof Error; depth += 1) {
    innermost = innermost.cause;
  }
  if (!(innermost instanceof Error)) return { reason: 'unknown', code: null };
  const { code } = innermost as NodeJS.ErrnoException;
  const named = typeof code === 'string' ? code : null;
  // Several addresses of one name fail together in an error without words.
  const [line = ''] = innermost.message.split('\n', 1);
  return { reason: line || named || innermost.name, code: named };
}
