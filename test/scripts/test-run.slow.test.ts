import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../../scripts/command.ts';
import { readSource, repositoryRoot } from '../support/source-files.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const passing = "import { expect, it } from 'vitest';\nit('holds', () => expect(1).toBe(1));\n";

/** `npm run test:quick` in a tree that has only these files besides the configuration. */
async function runQuick(files: Readonly<Record<string, string>>) {
  const root = createTemporaryFolder({
    'package.json': '{ "type": "module" }',
    ...Object.fromEntries(
      ['tsconfig.json', '.oxlintrc.json', 'vitest.config.ts'].map((path) => [path, readSource(path)]),
    ),
    ...files,
  });
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'), 'junction');
  const script = join(repositoryRoot, 'scripts/test.ts');
  const { exitCode, output } = await runCommand([process.execPath, script, '--quick'], {
    cwd: root,
    timeoutMs: 60_000,
  });
  return { exitCode, output, lastLine: output.trimEnd().split('\n').at(-1) };
}

it('ends with the counts of checks and tests on a line of their own', async () => {
  const { exitCode, output, lastLine } = await runQuick({ 'test/a.test.ts': passing });
  expect(lastLine).toBe('3 passed, 0 failed');
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^✓ types +\d+\.\d s$/m);
  expect(output).toMatch(/^✓ tests +\d+\.\d s +1 passed, 0 failed$/m);
});

it('counts a failed check and a failed test, and shows what each had to say', async () => {
  const { exitCode, output, lastLine } = await runQuick({
    'test/a.test.ts': passing,
    'test/b.test.ts': passing.replace('toBe(1)', 'toBe(2)'),
    'shared/flawed.ts': "export const amount: number = 'twelve';\n",
  });
  expect(lastLine).toBe('2 passed, 2 failed');
  expect(exitCode).toBe(1);
  expect(output).toMatch(/^✗ types/m);
  expect(output).toContain("Type 'string' is not assignable to type 'number'");
  expect(output).toContain('expected 1 to be 2');
});

it('fails when an error escapes though every test passes', async () => {
  const { exitCode, lastLine } = await runQuick({
    'test/a.test.ts': `${passing}setTimeout(() => { throw new Error('escaped'); }, 0);\nit('waits', () => new Promise((resolve) => setTimeout(resolve, 50)));\n`,
  });
  expect(lastLine).toMatch(/^\d+ passed, [1-9]\d* failed$/);
  expect(exitCode).toBe(1);
});

it('leaves out the slow tests', async () => {
  const slow = passing.replace('toBe(1)', 'toBe(2)');
  const { lastLine } = await runQuick({
    'test/a.test.ts': passing,
    'test/b.slow.test.ts': slow,
    'test/docs/c.test.ts': slow,
  });
  expect(lastLine).toBe('3 passed, 0 failed');
});
