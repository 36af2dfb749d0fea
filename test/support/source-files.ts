import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the repository starts. */
export const repositoryRoot = join(import.meta.dirname, '..', '..');

/** What is installed, built or hidden: no source of ours. */
const leftOut = new Set(['node_modules', 'dist', 'coverage']);

/** Every file below `folder` that a person or codegen has written, as paths from the root with `/`, sorted. */
export function listFiles(folder = '', root = repositoryRoot): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !leftOut.has(name) && (!name.startsWith('.') || name === '.ci'))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(path, root) : [path];
    })
    .toSorted();
}

/** The TypeScript among them. */
export function listSources(): string[] {
  return listFiles().filter((path) => path.endsWith('.ts'));
}

export function readSource(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** Whether codegen wrote it: held for imports, not for size or style. */
export function isGenerated(path: string): boolean {
  return path.endsWith('/generated.ts') || path.startsWith('schema/generated/');
}
