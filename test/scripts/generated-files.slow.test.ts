import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findStaleFiles } from '../../scripts/generated-files.ts';
import { copyTree } from '../../scripts/tree-copy.ts';
import { repositoryRoot } from '../support/source-files.ts';

/** Codegen takes 2 s alone, and much longer beside other tests. */
const timeoutMs = 90_000;

function createCopy(): string {
  const copy = copyTree(repositoryRoot);
  onTestFinished(copy.remove);
  return copy.root;
}

it(
  'a stale, a missing and an orphaned generated file are all found, and nothing is written',
  async () => {
    const root = createCopy();
    const manifest = join(root, 'schema/generated/mobile/persisted-documents.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"name": "Home"', '"name": "House"'));
    rmSync(join(root, 'bffs/web/generated.ts'));
    writeFileSync(join(root, 'schema/generated/mobile/old.graphql'), 'type Query');

    const problems = await findStaleFiles(root);
    expect(problems).toContain('bffs/web/generated.ts: is missing');
    expect(problems).toContain('schema/generated/mobile/old.graphql: nothing writes it any more');
    expect(problems.find((line) => line.startsWith('schema/generated/mobile/persisted-documents.json'))).toMatch(
      /: line \d+ should be " *\\"name\\": \\"Home\\",", is " *\\"name\\": \\"House\\","$/,
    );
    expect(existsSync(join(root, 'bffs/web/generated.ts'))).toBe(false);
  },
  timeoutMs,
);

it(
  'a schema that codegen refuses is a problem with its reason',
  async () => {
    const root = createCopy();
    writeFileSync(join(root, 'schema/shared/broken.graphql'), 'extend type Product { maker: Maker }');
    const [problem = '', ...more] = await findStaleFiles(root);
    expect(problem).toMatch(/^codegen failed:\n[^]*Unknown type: "Maker"\./);
    expect(problem.split('\n').length).toBeLessThan(12);
    expect(more).toEqual([]);
  },
  timeoutMs,
);
