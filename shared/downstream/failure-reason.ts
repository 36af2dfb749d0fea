import type { AttemptResult } from './attempt-result.ts';

/** Why an attempt went wrong, for the log: the network's or the decoder's own words, or the status. Nothing of a body. */
export function reasonOf(result: AttemptResult): string {
  const { failure, status, cause } = result;
  if (cause instanceof Error) return wordsOf(cause);
  if (failure === 'timeout' || failure === 'deadline')
    return `no whole answer within ${Math.round(result.durationMs)} ms`;
  return status === 0 ? (failure ?? 'no answer') : `status ${status}`;
}

/** An attempt on several addresses of one name fails with an error that has only a code. */
function wordsOf(error: NodeJS.ErrnoException): string {
  return error.message || (error.code ?? error.name);
}
