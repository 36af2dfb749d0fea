import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isGenerated, listFiles } from '../support/source-files.ts';
import { applyDiff } from './diff.ts';
import type { Edit } from './walk-through.ts';

/** The text of every file that a person writes, by path. */
export type Snapshot = ReadonlyMap<string, string>;

export function takeSnapshot(root: string): Snapshot {
  const paths = listFiles('', root).filter((path) => !isGenerated(path));
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** What differs between two snapshots, sorted. */
export function listTouched(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).toSorted();
}

/**
 * Makes the changes of a page in the tree at `root`.
 *
 * @throws Error - where a file is there already, is missing, or is not as the page expects it.
 */
export function applyEdits(root: string, edits: readonly Edit[]): void {
  for (const { path, kind, text } of edits) {
    const file = join(root, path);
    if (kind === 'create') {
      if (existsSync(file)) throw new Error(`The page makes ${path}, but the tree has it already.`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    } else {
      if (!existsSync(file)) throw new Error(`The page changes ${path}, but the tree does not have it.`);
      try {
        writeFileSync(file, applyDiff(readFileSync(file, 'utf8'), text));
      } catch (error) {
        throw new Error(`The page's change of ${path} does not fit the tree. ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
}
