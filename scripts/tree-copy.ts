import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** A copy of the sources in a folder of its own, to run codegen or the compiler in without touching the tree. */
export interface TreeCopy {
  readonly root: string;
  remove(): void;
}

/** What no source is: what is installed, built or hidden. */
const leftOut = new Set(['node_modules', 'dist', 'coverage']);

/** Copies the tree at `source`; `node_modules` is linked, so the copy is small and everything in it runs. */
export function copyTree(source: string): TreeCopy {
  const root = mkdtempSync(join(tmpdir(), 'shop-bff-tree-'));
  cpSync(source, root, {
    recursive: true,
    filter: (path) => path === source || !(leftOut.has(basename(path)) || basename(path).startsWith('.')),
  });
  symlinkSync(resolve(source, 'node_modules'), join(root, 'node_modules'), 'junction');
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
