import { failureError } from './failure.ts';

/**
 * What a write has led to, as `read` finds it in a 2xx. One that cannot be read has very likely been done all the same: told as a
 * failure, it would invite a second one.
 *
 * @throws AppError - whose outcome is unknown.
 */
export function readDone<T>(service: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw failureError('unreadable', { service, cause, isOutcomeUnknown: true });
  }
}
