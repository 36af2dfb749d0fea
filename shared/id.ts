const maxLength = 128;

/** Whether a service could have given out this id: 1 to 128 characters of well-formed text, no control characters, and no comma, with which it would be two ids in a batch read. */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= maxLength &&
    value.isWellFormed() &&
    !/[\p{Cc},]/u.test(value)
  );
}
