import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCodegen } from '../../scripts/codegen-run.ts';
import { runCommand } from '../../scripts/command.ts';
import { copyTree } from '../../scripts/tree-copy.ts';
import { importTable } from '../architecture/import-table.ts';
import { findCircles, findForbiddenImports } from '../architecture/imports.ts';
import { listFiles, readSource, repositoryRoot } from '../support/source-files.ts';
import { applyEdits, listTouched, takeSnapshot } from './apply.ts';
import { startStubServices } from './stub-service.ts';
import { readWalkThroughs, type WalkThrough } from './walk-through.ts';

const walkThroughs = readWalkThroughs(readSource('docs/adding.md'));
const timeoutMs = 90_000;

async function check(root: string, command: readonly string[]): Promise<string> {
  const { exitCode, output } = await runCommand(command, { cwd: root, timeoutMs });
  return exitCode === 0 ? '' : output;
}

/** The page's own tests, and those of the pages that list what the code has, run in the tree at `root`; empty: they pass. */
function runTests(root: string, { edits }: WalkThrough): Promise<string> {
  const own = edits.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
  return check(root, ['vitest', 'run', ...own, 'test/docs/operations.test.ts', 'test/docs/security.test.ts']);
}

/** What the architecture's rules have against the imports of the tree at `root`. */
function judgeImports(root: string): string[] {
  const files = listFiles('', root)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  return [...findForbiddenImports(files, importTable), ...findCircles(files)];
}

async function ask(root: string, { question, stubs }: WalkThrough): Promise<unknown> {
  const services = await startStubServices(stubs);
  onTestFinished(() => services.close());
  const inquiry = JSON.stringify({ question, env: services.env });
  const { output } = await runCommand([process.execPath, 'test/docs/ask.ts', inquiry], { cwd: root, timeoutMs });
  try {
    return JSON.parse(output) as unknown;
  } catch {
    return output;
  }
}

describe('docs/adding.md', () => {
  it('walks through a service, a field for one client and a third client', () => {
    expect(walkThroughs.map(({ title }) => title)).toEqual(['A service', 'A field for one client', 'A third client']);
  });

  it.each(walkThroughs)(
    '$title: what the page says is all it takes, and the answer is the one it shows',
    async (page) => {
      const copy = copyTree(repositoryRoot);
      onTestFinished(copy.remove);
      const before = takeSnapshot(copy.root);
      const flawsBefore = judgeImports(copy.root);

      applyEdits(copy.root, page.edits);
      expect(await runCodegen(copy.root)).toBeNull();
      const touched = listTouched(before, takeSnapshot(copy.root));
      const [types, format, tests, answer] = await Promise.all([
        check(copy.root, ['tsc', '--noEmit', '-p', '.']),
        // The copy has no .gitignore for biome to read.
        check(copy.root, ['biome', 'check', '--vcs-enabled=false', ...touched]),
        runTests(copy.root, page),
        ask(copy.root, page),
      ]);

      expect(touched).toEqual(page.touchedFiles.toSorted());
      expect(types).toBe('');
      expect(format).toBe('');
      expect(tests).toBe('');
      expect(answer).toEqual({ data: page.answer });
      expect(judgeImports(copy.root)).toEqual(flawsBefore);
    },
    timeoutMs,
  );

  it('every walk-through brings a test', () => {
    for (const { edits } of walkThroughs) expect(edits.filter(({ path }) => path.endsWith('.test.ts'))).toHaveLength(1);
  });

  it('a third client touches nothing in shared/: nothing there knows about clients', () => {
    const thirdClient = walkThroughs.find(({ title }) => title === 'A third client');
    expect(thirdClient?.touchedFiles.filter((path) => path.startsWith('shared/'))).toEqual([]);
  });
});
