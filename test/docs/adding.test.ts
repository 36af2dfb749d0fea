import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCodegen } from '../../scripts/codegen-run.ts';
import { runCommand } from '../../scripts/command.ts';
import { copyTree, type TreeCopy } from '../../scripts/tree-copy.ts';
import { importTable } from '../architecture/import-table.ts';
import { findCircles, findForbiddenImports } from '../architecture/imports.ts';
import { listFiles, readSource, repositoryRoot } from '../support/source-files.ts';
import { applyEdits, listTouched, takeSnapshot } from './apply.ts';
import { type StubServices, startStubServices } from './stub-service.ts';
import { readWalkThroughs } from './walk-through.ts';

const walkThroughs = readWalkThroughs(readSource('docs/adding.md'));
const timeoutMs = 90_000;

/** All of it happens in one copy, one walk-through after the other: codegen and the compiler are most of what this costs. */
let copy: TreeCopy;
let stubs: StubServices;
const touched = new Map<string, string[]>();
let touchedByCodegen: string[];
let flawsBefore: string[];

beforeAll(async () => {
  copy = copyTree(repositoryRoot);
  stubs = await startStubServices(walkThroughs.flatMap((page) => page.stubs));
  flawsBefore = judgeImports(copy.root);
  let before = takeSnapshot(copy.root);
  for (const { title, edits } of walkThroughs) {
    applyEdits(copy.root, edits);
    const after = takeSnapshot(copy.root);
    touched.set(title, listTouched(before, after));
    before = after;
  }
  const failure = await runCodegen(copy.root);
  if (failure !== null) throw new Error(failure);
  touchedByCodegen = listTouched(before, takeSnapshot(copy.root));
}, timeoutMs);

afterAll(async () => {
  await stubs.close();
  copy.remove();
});

describe('docs/adding.md', () => {
  it('walks through a service, a field for one client and a third client, each with a test', () => {
    expect(walkThroughs.map(({ title }) => title)).toEqual(['A service', 'A field for one client', 'A third client']);
    for (const { edits } of walkThroughs) expect(edits.filter(({ path }) => path.endsWith('.test.ts'))).toHaveLength(1);
  });

  it.each(walkThroughs)('$title: the files that the page lists are those that its blocks touch', (page) => {
    expect(touched.get(page.title)).toEqual(page.touchedFiles.toSorted());
  });

  it('leaves the rest to codegen', () => {
    expect(touchedByCodegen).toEqual([]);
  });

  it('a third client touches nothing in shared/: nothing there knows about clients', () => {
    expect(touched.get('A third client')?.filter((path) => path.startsWith('shared/'))).toEqual([]);
  });

  it(
    'its code compiles',
    async () => {
      expect(await check(['tsc', '--noEmit', '-p', '.'])).toBe('');
    },
    timeoutMs,
  );

  it('its code has our format, and imports what it may', async () => {
    // The copy has no .gitignore for biome to read.
    expect(await check(['biome', 'check', '--vcs-enabled=false', ...[...touched.values()].flat()])).toBe('');
    expect(judgeImports(copy.root)).toEqual(flawsBefore);
  });

  it(
    'its tests pass, and the pages that list what the code has are still right',
    async () => {
      const own = walkThroughs
        .flatMap(({ edits }) => edits.map(({ path }) => path))
        .filter((path) => path.endsWith('.test.ts'));
      expect(await check(['vitest', 'run', ...own, 'test/docs/operations.test.ts', 'test/docs/security.test.ts'])).toBe(
        '',
      );
    },
    timeoutMs,
  );

  it.each(walkThroughs)(
    '$title: the server answers what the page shows',
    async ({ question, answer }) => {
      const inquiry = JSON.stringify({ question, env: stubs.env });
      const { output } = await run([process.execPath, 'test/docs/ask.ts', inquiry]);
      expect(output).toMatch(/^\{/);
      expect(JSON.parse(output)).toEqual({ data: answer });
    },
    timeoutMs,
  );
});

function run(command: readonly string[]) {
  return runCommand(command, { cwd: copy.root, timeoutMs });
}

/** What a program has to complain about; empty: nothing. */
async function check(command: readonly string[]): Promise<string> {
  const { exitCode, output } = await run(command);
  return exitCode === 0 ? '' : output;
}

/** What the architecture's rules have against the imports of the tree at `root`. */
function judgeImports(root: string): string[] {
  const files = listFiles('', root)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  return [...findForbiddenImports(files, importTable), ...findCircles(files)];
}
