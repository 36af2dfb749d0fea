/** Goes on in the same turn with a value that is at hand: a promise for each field would cost more than the field. */
export function whenReady<V, Next>(
  value: V | Promise<V>,
  next: (value: V) => Next | Promise<Next>,
): Next | Promise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}
