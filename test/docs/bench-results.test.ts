import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSource, repositoryRoot } from '../support/source-files.ts';

test('README.md shows the newest results of the bench', () => {
  const newest = readdirSync(join(repositoryRoot, 'bench/results'))
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .at(-1);
  const page = readSource('README.md');
  expect(page).toContain(`](bench/results/${newest})`);
  expect(page).toContain(`](bench/results/${newest?.replace('.md', '.svg')})`);
});
