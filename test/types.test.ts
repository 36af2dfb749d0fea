import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { copyTree, type TreeCopy } from '../scripts/tree-copy.ts';

let tree: TreeCopy;

// A whole compile each: seconds on a quiet machine, most of a minute on a busy one.
vi.setConfig({ testTimeout: 90_000 });

beforeAll(() => {
  tree = copyTree(process.cwd());
});

afterAll(() => tree.remove());

/** What the compiler says when `from` reads `to` in this file of the copy; the copy is whole again afterwards. */
function compileWith(path: string, from: string, to: string): string {
  const file = join(tree.root, path);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} no longer holds ${JSON.stringify(from)}: fit this test to it.`);
  writeFileSync(file, text.replace(from, to));
  const { stdout } = spawnSync('tsc', ['--noEmit', '-p', '.'], { cwd: tree.root, encoding: 'utf8' });
  writeFileSync(file, text);
  return stdout;
}

test('a client’s field that nobody resolves does not compile', () => {
  const said = compileWith('bffs/web/server.ts', '  ordersResolvers,\n', '');

  expect(said).toContain('bffs/web/server.ts');
  expect(said).toMatch(/OrderLine/);
});

test('a shared resolver that reads a client’s own context does not compile', () => {
  const said = compileWith(
    'shared/domains/money/resolvers.ts',
    'formatMoney(money, locale)',
    'formatMoney(money, locale + context.imageUrls)',
  );

  expect(said).toContain('shared/domains/money/resolvers.ts');
  expect(said).toContain("'imageUrls' does not exist on type 'RequestContext'");
});

test('a model that drifts from its SDL does not compile', () => {
  const said = compileWith(
    'shared/domains/orders/model.ts',
    'readonly quantity: number;',
    'readonly quantity: string;',
  );

  expect(said).toContain('bffs/mobile/server.ts');
  expect(said).toContain('quantity');
});
