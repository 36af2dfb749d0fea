/** Us, and what we are held against. */
export interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

/**
 * Measures both, one after the other. Who goes first changes from round to round: the second finds a warmer machine, and
 * whatever the first left behind.
 */
export async function takeTurns<T>(round: number, sides: Pair<() => Promise<T>>): Promise<Pair<T>> {
  if (round % 2 === 0) {
    const ours = await sides.ours();
    return { ours, theirs: await sides.theirs() };
  }
  const theirs = await sides.theirs();
  return { ours: await sides.ours(), theirs };
}
