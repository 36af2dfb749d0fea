import { posix } from 'node:path';
import type { ImportRow } from './import-table.ts';

/** One file's imports of our own files, as paths from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const statement = /^(?:import|export)\s+(?:type\s+)?(?:[\w$*{}\s,]+?\s+from\s+)?['"]([^'"]+)['"]/gm;
const expression = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** The files of ours that a file imports: values and types, statements, re-exports and `import('...')`. */
export function findImports({ path, text }: SourceFile): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const specifiers = [statement, expression].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.normalize(posix.join(posix.dirname(path), specifier)));
}

/** Every import that its file's row does not allow, and every file without a row; one line each. */
export function findForbiddenImports(files: readonly SourceFile[], table: readonly ImportRow[]): string[] {
  return files.flatMap((file) => {
    const rule = findRule(file.path, table);
    if (rule === null) return [`${file.path} stands in no row of the table`];
    return findImports(file)
      .filter((target) => !rule.allowed.some((pattern) => pattern.test(target)))
      .map((target) => `${file.path} (${rule.name}) imports ${target}`);
  });
}

/** Every circle of imports, each once: `a.ts -> b.ts -> a.ts`. */
export function findCircles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, findImports(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start !== -1) circles.push([...trail.slice(start), path].join(' -> '));
    if (start !== -1 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return circles;
}

interface Rule {
  readonly name: string;
  readonly allowed: readonly RegExp[];
}

function findRule(path: string, table: readonly ImportRow[]): Rule | null {
  for (const row of table) {
    for (const pattern of row.files) {
      const match = compile(pattern, {}).exec(path);
      if (match === null) continue;
      const names = match.groups ?? {};
      return { name: row.name, allowed: row.mayImport.map((allowed) => compile(allowed, names)) };
    }
  }
  return null;
}

/** Turns a pattern of the table into a regular expression; a `<x>` that is known stands for itself. */
function compile(pattern: string, names: Readonly<Record<string, string>>): RegExp {
  const source = pattern
    .replaceAll(/[.$()[\]+?^{}|\\]/g, '\\$&')
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '.*')
    .replaceAll(/<(\w+)>/g, (_, name: string) => names[name] ?? `(?<${name}>[^/]+)`);
  return new RegExp(`^${source}$`);
}
