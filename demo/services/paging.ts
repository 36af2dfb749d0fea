import type { Parameter } from './operation.ts';
import { Problem } from './problem.ts';
import { nullable, objectOf, type Schema } from './schema.ts';

type Position = (string | number)[];

export const limitParameter: Parameter = {
  name: 'limit',
  in: 'query',
  description: 'How many entries a page has.',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
};

export const cursorParameter: Parameter = {
  name: 'cursor',
  in: 'query',
  description: 'The `nextCursor` of the page before; opaque.',
  schema: { type: 'string', maxLength: 512 },
};

/** The schema of one page, with whatever else the list carries. */
export function pageOf(item: Schema, more: Record<string, Schema> = {}): Schema {
  return objectOf({
    ...more,
    items: { type: 'array', items: item },
    total: { type: 'integer', minimum: 0, description: 'Of all pages together.' },
    nextCursor: nullable({ type: 'string', description: 'Null on the last page.' }),
  });
}

/** Names the last entry of a page by what the list is ordered by, so that an insert neither hides nor repeats one. */
export function encodeCursor(list: string, position: Position): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url');
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** @throws Problem 422 `invalid-cursor` for one that this list has not given out */
export function decodeCursor(cursor: string, list: string, types: readonly ('string' | 'number')[]): Position {
  const parsed = parse(cursor);
  const isOwn =
    Array.isArray(parsed) &&
    parsed.length === types.length + 1 &&
    parsed[0] === list &&
    types.every((type, index) => typeof parsed[index + 1] === type);
  if (!isOwn) {
    throw new Problem(422, 'invalid-cursor', {
      detail: 'This cursor is not one of this list; start again without a cursor.',
    });
  }
  return (parsed as Position).slice(1);
}
