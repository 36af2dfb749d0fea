import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCodegen } from './codegen-run.ts';
import { copyTree } from './tree-copy.ts';

/** Everything that `npm run codegen` writes. */
export const generatedGlobs: readonly string[] = [
  'shared/domains/generated.ts',
  'bffs/*/generated.ts',
  'schema/generated/**/*.*',
];

/** Where the committed generated files differ from what their sources give today; one line a file. */
export async function findStaleFiles(root: string): Promise<string[]> {
  const copy = copyTree(root);
  try {
    // Deleted first: a file whose source is gone is stale as well.
    for (const path of listGenerated(copy.root)) rmSync(join(copy.root, path));
    const failure = await runCodegen(copy.root);
    if (failure !== null) return [`codegen failed:\n${failure}`];
    return compare(root, copy.root);
  } finally {
    copy.remove();
  }
}

function compare(committedRoot: string, freshRoot: string): string[] {
  const committed = new Set(listGenerated(committedRoot));
  const fresh = listGenerated(freshRoot);
  const problems = [...committed]
    .filter((path) => !fresh.includes(path))
    .map((path) => `${path}: nothing writes it any more`);
  for (const path of fresh) {
    if (!committed.has(path)) problems.push(`${path}: is missing`);
    else {
      const difference = firstDifference(read(committedRoot, path), read(freshRoot, path));
      if (difference !== null) problems.push(`${path}: ${difference}`);
    }
  }
  return problems.toSorted();
}

function firstDifference(committed: string, fresh: string): string | null {
  if (committed === fresh) return null;
  const old = committed.split('\n');
  const now = fresh.split('\n');
  const line = now.findIndex((text, index) => text !== old[index]);
  if (line === -1) return `is longer than what codegen writes, from line ${now.length + 1} on`;
  return `line ${line + 1} should be ${JSON.stringify(now[line])}, is ${JSON.stringify(old[line] ?? 'missing')}`;
}

function listGenerated(root: string): string[] {
  return globSync(generatedGlobs, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
}

function read(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
