import { AppError, type ErrorCode } from '../errors.ts';

/** The answer to a picture that cannot be served: small, and the same for every cause of one status. */
export interface ImageRefusal {
  readonly status: 400 | 403 | 404 | 405 | 422 | 429 | 500 | 504;
  readonly body: string;
}

/** A request that got no picture, with what its answer does not say. */
export interface RefusedRequest {
  readonly status: number;
  readonly reason: string;
  /** The start of it, as anyone may have written it; empty where none was read. */
  readonly path: string;
  /** Where its original was to come from, as the list of origins has it; null where it did not get that far. */
  readonly origin: string | null;
  readonly cause?: unknown;
}

/** What the log shows of a request's path. */
export function pathOf({ url = '' }: { readonly url?: string | undefined }): string {
  return url.slice(0, 300);
}

const badRequest: ImageRefusal = { status: 400, body: 'bad request: these options are not offered\n' };
const forbidden: ImageRefusal = { status: 403, body: 'forbidden\n' };
const notFound: ImageRefusal = { status: 404, body: 'not found\n' };
const unreadable: ImageRefusal = { status: 422, body: 'the original is not a picture that can be served\n' };
const busy: ImageRefusal = { status: 429, body: 'too many pictures at once, try again\n' };
const late: ImageRefusal = { status: 504, body: 'the picture could not be made in time, try again\n' };
const broken: ImageRefusal = { status: 500, body: 'internal error\n' };

const refusals: Readonly<Partial<Record<ErrorCode, ImageRefusal>>> = {
  BAD_USER_INPUT: badRequest,
  FORBIDDEN: forbidden,
  NOT_FOUND: notFound,
  DOWNSTREAM_BAD_RESPONSE: unreadable,
  OVERLOADED: busy,
  // An origin that is down and one that hangs are one thing to a phone: no picture now, perhaps later.
  DOWNSTREAM_UNAVAILABLE: late,
  DOWNSTREAM_TIMEOUT: late,
  DEADLINE_EXCEEDED: late,
};

/** What a failure looks like from outside. */
export function refusalOf(failure: unknown): ImageRefusal {
  return (failure instanceof AppError ? refusals[failure.code] : undefined) ?? broken;
}

/** A failure that the original itself causes, and would cause again: worth remembering for a moment. */
export function isLasting(failure: unknown): failure is AppError {
  return failure instanceof AppError && (failure.code === 'NOT_FOUND' || failure.code === 'DOWNSTREAM_BAD_RESPONSE');
}

/** An original that is there and cannot be served: not a picture, too large, damaged. */
export function unreadableOriginal(message: string, cause?: unknown): AppError {
  return new AppError('DOWNSTREAM_BAD_RESPONSE', message, { cause });
}
