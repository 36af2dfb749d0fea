import { AppError } from '../errors.ts';
import { isId } from '../id.ts';
import { readProblem } from '../problem.ts';

const maxPageSize = 100;

/**
 * A page size as asked for. The cost rules read it too, but the last word is here: a list is never longer than 100.
 *
 * @throws AppError `BAD_USER_INPUT` outside 1 to 100.
 */
export function readPageSize(first: number, argument = 'first'): number {
  if (Number.isInteger(first) && first >= 1 && first <= maxPageSize) return first;
  throw new AppError('BAD_USER_INPUT', `\`${argument}\` must be from 1 to ${maxPageSize}.`);
}

/**
 * A list of ids as asked for.
 *
 * @throws AppError `BAD_USER_INPUT` for more than 100, or an id that no service could have given out.
 */
export function readIds(ids: readonly string[], argument = 'ids'): readonly string[] {
  if (ids.length > maxPageSize) {
    throw new AppError('BAD_USER_INPUT', `\`${argument}\` takes at most ${maxPageSize} ids.`);
  }
  for (const id of ids) readId(id, argument);
  return ids;
}

/** @throws AppError `BAD_USER_INPUT` for an id that no service could have given out. */
export function readId(id: string, argument = 'id'): string {
  if (isId(id)) return id;
  throw new AppError('BAD_USER_INPUT', `\`${argument}\` must be an id that this server gave out.`);
}

const maxCursorLength = 512;

/** @throws AppError `BAD_USER_INPUT` for a cursor that no service could have given out. */
export function readCursor(after: string | null | undefined): string | undefined {
  if (after == null) return undefined;
  if (after.length > 0 && after.length <= maxCursorLength && /^[\w+/=.-]+$/.test(after)) return after;
  throw new AppError('BAD_USER_INPUT', '`after` must be an `endCursor` that this server gave out.');
}

/**
 * What a read with this cursor answers. The service that gave a cursor out is the only one that can tell whether it did.
 *
 * @throws AppError `BAD_USER_INPUT` that names the cursor, where the service refuses a question with one.
 */
export async function askWithCursor<T>(after: string | undefined, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (after === undefined || !(cause instanceof AppError) || cause.code !== 'BAD_USER_INPUT') throw cause;
    const { field } = readProblem(cause.problem);
    if (field !== null && field !== 'cursor') throw cause;
    const { service, status } = cause;
    throw new AppError('BAD_USER_INPUT', '`after` must be an `endCursor` of the same question.', {
      cause,
      service,
      status,
    });
  }
}

const maxIdempotencyKeyLength = 255;

/** @throws AppError `BAD_USER_INPUT` for a key that is empty, longer than 255 characters, or not printable ASCII (it becomes a header). */
export function readIdempotencyKey(key: string): string {
  if (key.length <= maxIdempotencyKeyLength && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new AppError(
    'BAD_USER_INPUT',
    `\`idempotencyKey\` must be 1 to ${maxIdempotencyKeyLength} printable characters without spaces, as a UUID is.`,
  );
}
