import { describe, expect, it } from 'vitest';
import { listSources, readSource } from '../support/source-files.ts';
import { type ImportRow, importTable } from './import-table.ts';
import { findCircles, findForbiddenImports, findImports } from './imports.ts';

const files = listSources().map((path) => ({ path, text: readSource(path) }));

describe('the tree', () => {
  it('imports only what the table of docs/architecture.md allows', () => {
    expect(findForbiddenImports(files, importTable)).toEqual([]);
  });

  it('has no circle of imports', () => {
    expect(findCircles(files)).toEqual([]);
  });
});

describe('the import check', () => {
  const imports = (text: string) => findImports({ path: 'shared/cache/store.ts', text });

  it('sees every way to import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from './b.ts';",
      "import {\n  type C,\n  c,\n} from '../c.ts';",
      "import * as d from './d.ts';",
      "import './e.ts';",
      "export { f } from './f.ts';",
      "export type * from './g.ts';",
      "const h = await import('./h.ts');",
      "type I = import('./i.ts').I;",
      "import fastify from 'fastify';",
    ].join('\n');
    expect(imports(text)).toEqual([
      ...['a', 'b'].map((name) => `shared/cache/${name}.ts`),
      'shared/c.ts',
      ...['d', 'e', 'f', 'g', 'h', 'i'].map((name) => `shared/cache/${name}.ts`),
    ]);
  });

  it('reads no comments', () => {
    expect(imports("// import './a.ts';\n/** import './b.ts' */\nexport const c = 1;\n")).toEqual([]);
  });

  const table: ImportRow[] = [
    { name: 'slice resolvers', files: ['d/<x>/resolvers.ts'], mayImport: ['d/<x>/**', 'd/generated.ts'] },
    { name: 'slice', files: ['d/<x>/**'], mayImport: ['d/<x>/**', 'base.ts'] },
    { name: 'registry', files: ['d/*.ts'], mayImport: ['d/**'] },
  ];
  const check = (path: string, target: string) =>
    findForbiddenImports([{ path, text: `import type { X } from '${target}';` }], table);

  it.each([
    ['d/users/client.ts', './model.ts'],
    ['d/users/client.ts', '../../base.ts'],
    ['d/users/resolvers.ts', '../generated.ts'],
    ['d/services.ts', './users/client.ts'],
  ])('lets %s import %s', (path, target) => {
    expect(check(path, target)).toEqual([]);
  });

  it.each([
    ['d/users/client.ts', '../orders/client.ts', 'd/users/client.ts (slice) imports d/orders/client.ts'],
    ['d/users/loaders.ts', '../generated.ts', 'd/users/loaders.ts (slice) imports d/generated.ts'],
    ['d/users/client.ts', '../base.ts', 'd/users/client.ts (slice) imports d/base.ts'],
    ['elsewhere.ts', './base.ts', 'elsewhere.ts stands in no row of the table'],
  ])('refuses %s importing %s', (path, target, problem) => {
    expect(check(path, target)).toEqual([problem]);
  });

  it('finds a circle through a type', () => {
    const circle = [
      { path: 'a.ts', text: "import { b } from './b.ts';" },
      { path: 'b.ts', text: "import { c } from './c.ts';" },
      { path: 'c.ts', text: "import type { B } from './b.ts';" },
    ];
    expect(findCircles(circle)).toEqual(['b.ts -> c.ts -> b.ts']);
  });
});
