import type { GraphQLResolveInfo } from 'graphql';
import type { Shape } from './plan.ts';

type Path = GraphQLResolveInfo['path'];

/** An object or list of the answer while it is filled. */
export type Container = Record<string | number, unknown>;

/**
 * One position of an answer: what graphql-js calls a path, together with what is being filled there, so that a value that
 * comes later, or a null that bubbles up, can be written without rebuilding anything above it.
 */
export class Place implements Path {
  /** The position above; undefined for the answer's root. */
  readonly parent: Place | undefined;
  /** The response key, or the index in a list. */
  readonly key: string | number;
  /** How a value here is completed. */
  readonly shape: Shape;
  /** The object or list at this position, once it is one. */
  container: Container | undefined;
  /** Whether an error has made this position null for good: whatever happens below no longer shows. */
  isNulled = false;

  constructor(parent: Place | undefined, key: string | number, shape: Shape) {
    this.parent = parent;
    this.key = key;
    this.shape = shape;
  }

  /** As a `Path` has it: the root is no part of it. */
  get prev(): Place | undefined {
    return this.parent?.parent === undefined ? undefined : this.parent;
  }

  get typename(): string | undefined {
    return typeof this.key === 'string' ? this.shape.asked.parentType.name : undefined;
  }

  write(value: unknown): void {
    const container = this.parent?.container;
    if (container !== undefined) container[this.key] = value;
  }
}

/** Whether an error has nulled this position or one above it. */
export function isLost(place: Place): boolean {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) if (at.isNulled) return true;
  return false;
}

/** As in an error's `path`. */
export function pathOf(place: Place): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) path.push(at.key);
  return path.reverse();
}

/** Makes the nearest position that may be null, this one or one above it, null for good (specification, 6.4.4). */
export function nullify(place: Place): void {
  let at = place;
  while (at.shape.isNonNull && at.parent !== undefined) at = at.parent;
  at.isNulled = true;
  at.write(null);
}
