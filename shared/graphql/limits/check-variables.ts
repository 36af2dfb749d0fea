import { RequestRefusal } from '../request-refusal.ts';

/** The most items of any list that a client sends. */
export const maxListItems = 100;

/** What is said of a longer one, as a literal and in a variable. */
export const listTooLong = `A list takes at most ${maxListItems} items`;

/**
 * Holds coerced variables against what neither their types nor the cost model can say. `conditions` are those that `@skip`
 * and `@include` read.
 *
 * @throws RequestRefusal - `BAD_USER_INPUT`
 */
export function checkVariables(variables: Readonly<Record<string, unknown>>, conditions: readonly string[]): void {
  for (const name of conditions) {
    // `$name: Boolean = true` may be null and still stand where no null may: the specification leaves that to the run.
    if (variables[name] !== null) continue;
    throw new RequestRefusal('BAD_USER_INPUT', `The variable \`${name}\` of @skip or @include must not be null.`);
  }
  for (const name in variables) {
    const value = variables[name];
    if (typeof value === 'object' && value !== null && hasLongList(value)) {
      throw new RequestRefusal('BAD_USER_INPUT', `${listTooLong}; the variable \`${name}\` has more.`);
    }
  }
}

/** No deeper than the edge lets a body be. */
function hasLongList(value: object): boolean {
  if (Array.isArray(value) && value.length > maxListItems) return true;
  const members: unknown[] = Object.values(value);
  return members.some((member) => typeof member === 'object' && member !== null && hasLongList(member));
}
