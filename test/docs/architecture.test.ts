import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listFiles, readSource, repositoryRoot } from '../support/source-files.ts';

const page = readSource('docs/architecture.md');
const layout = /^## Layout\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';

/** The paths of the first column, `<client>` and the like standing for any name. */
const paths = layout
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path));
const patterns = paths.map((path) => path.replaceAll(/<\w+>/g, '*'));

describe('docs/architecture.md', () => {
  it('shows no folder that is not there', () => {
    expect(patterns.length).toBeGreaterThan(10);
    // Made when the first app version is released.
    const later = ['schema/released/*'];
    expect(patterns.filter((pattern) => globSync(pattern, { cwd: repositoryRoot }).length === 0)).toEqual(
      later.filter((pattern) => globSync(pattern, { cwd: repositoryRoot }).length === 0),
    );
  });

  it('shows every folder at the top and in shared/', () => {
    const folders = listFiles().flatMap((path) => {
      const [top = '', second = '', ...rest] = path.split('/');
      if (second === '') return [];
      return top === 'shared' && rest.length > 0 ? [`shared/${second}`] : [top];
    });
    const shown = (folder: string) =>
      patterns.some((pattern) => pattern === folder || pattern.startsWith(`${folder}/`));
    expect([...new Set(folders)].filter((folder) => folder !== '.ci' && !shown(folder))).toEqual([]);
  });
});
