import type { GraphQLResolveInfo } from 'graphql';

type Path = GraphQLResolveInfo['path'];

/**
 * One position of an answer: what graphql-js calls a path, together with the object or list that holds the value there, so
 * that a value that comes later, or a null that bubbles up, can be written without rebuilding anything above it.
 */
export class Place implements Path {
  readonly prev: Place | undefined;
  /** The response key, or the index in a list. */
  readonly key: string | number;
  /** The type that the field belongs to; undefined for a list's item. */
  readonly typename: string | undefined;
  readonly holder: Record<string | number, unknown>;
  readonly isNullable: boolean;
  /** Whether an error has made this position null for good: whatever happens below no longer shows. */
  isNulled = false;

  constructor(
    prev: Place | undefined,
    key: string | number,
    typename: string | undefined,
    holder: Record<string | number, unknown>,
    isNullable: boolean,
  ) {
    this.prev = prev;
    this.key = key;
    this.typename = typename;
    this.holder = holder;
    this.isNullable = isNullable;
  }
}

/** Whether an error has nulled this position or one above it. */
export function isDead(place: Place | undefined): boolean {
  for (let at = place; at !== undefined; at = at.prev) if (at.isNulled) return true;
  return false;
}

/** As in an error's `path`. */
export function pathOf(place: Place): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.prev) path.push(at.key);
  return path.reverse();
}
