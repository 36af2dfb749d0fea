import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../support/temporary-folder.ts';
import { applyEdits, listTouched, takeSnapshot } from './apply.ts';
import { applyDiff } from './diff.ts';
import { readWalkThroughs } from './walk-through.ts';

const page = [
  '# Adding',
  '## A colour',
  'Say what it is:',
  '```ts file=shared/colours/blue.ts',
  'export const blue = 1;',
  '```',
  'and list it:',
  '```diff file=shared/colours.ts',
  " import { red } from './red.ts';",
  "+import { blue } from './blue.ts';",
  '@@ the list',
  '-export const all = [red];',
  '+export const all = [red, blue];',
  '```',
  '```sh',
  'npm run codegen',
  '```',
  'Its service answers',
  '```json service=colours route=/colours/{id}',
  '{ "name": "blue" }',
  '```',
  'so that',
  '```graphql client=web viewer=user-1',
  '{ colour { name } }',
  '```',
  '```json answer=data',
  '{ "colour": { "name": "blue" } }',
  '```',
  'Touched files:',
  '',
  '- `shared/colours/blue.ts` (new)',
  '- `shared/colours.ts`: one line in',
  '  the list of `all`',
  '',
  '- `not/of/the/list.ts`',
  '## Words only',
  'No code.',
].join('\n');

const tree = {
  'shared/colours.ts': "import { red } from './red.ts';\n\nexport const all = [red];\n",
  'shared/red.ts': '',
};

describe('a page', () => {
  const [walkThrough, ...others] = readWalkThroughs(page);

  it('has a walk-through for each section with changes', () => {
    expect(others).toEqual([]);
    expect(walkThrough?.title).toBe('A colour');
    expect(walkThrough?.edits.map(({ kind, path }) => [kind, path])).toEqual([
      ['create', 'shared/colours/blue.ts'],
      ['diff', 'shared/colours.ts'],
    ]);
  });

  it('says what a new service answers, what is asked and what comes back', () => {
    expect(walkThrough).toMatchObject({
      stubs: [{ service: 'colours', route: '/colours/{id}', body: { name: 'blue' } }],
      question: { client: 'web', viewer: 'user-1', query: '{ colour { name } }\n' },
      answer: { colour: { name: 'blue' } },
    });
  });

  it('lists the files that it touches, and they are those that its blocks touch', () => {
    const root = createTemporaryFolder(tree);
    const before = takeSnapshot(root);
    applyEdits(root, walkThrough?.edits ?? []);
    expect(walkThrough?.touchedFiles).toEqual(['shared/colours/blue.ts', 'shared/colours.ts']);
    expect(listTouched(before, takeSnapshot(root))).toEqual(walkThrough?.touchedFiles.toSorted());
    expect(readFileSync(join(root, 'shared/colours.ts'), 'utf8')).toBe(
      "import { red } from './red.ts';\nimport { blue } from './blue.ts';\n\nexport const all = [red, blue];\n",
    );
    expect(readFileSync(join(root, 'shared/colours/blue.ts'), 'utf8')).toBe('export const blue = 1;\n');
  });

  it('does not count what codegen writes', () => {
    const root = createTemporaryFolder(tree);
    const before = takeSnapshot(root);
    applyEdits(root, [{ kind: 'create', path: 'schema/generated/web/schema.graphql', text: 'type Query' }]);
    expect(listTouched(before, takeSnapshot(root))).toEqual([]);
  });

  it.each([
    ['makes a file that is there', { kind: 'create', path: 'shared/red.ts', text: '' }, 'the tree has it already'],
    [
      'changes a file that is not there',
      { kind: 'diff', path: 'shared/green.ts', text: ' a' },
      'the tree does not have it',
    ],
    [
      'expects other lines than there are',
      { kind: 'diff', path: 'shared/colours.ts', text: '-export const' },
      'is found 0 times',
    ],
  ] as const)('that %s is out of date', (_, edit, problem) => {
    expect(() => applyEdits(createTemporaryFolder(tree), [edit])).toThrow(problem);
  });
});

describe('a diff', () => {
  it('takes the lines around a change for its place', () => {
    expect(applyDiff('a\nb\na\nc\n', ' a\n+x\n c')).toBe('a\nb\na\nx\nc\n');
    expect(applyDiff('a\n\nb\n', ' a\n\n-b\n+c')).toBe('a\n\nc\n');
  });

  it.each([
    ['fits twice', 'a\na\n', ' a\n+b', 'is found 2 times'],
    ['has no place', 'a\n', '+b', 'has no line to find its place by'],
    ['has a line of no kind', 'a\n', 'a\n+b', 'not so: a'],
  ])('that %s is refused', (_, text, diff, problem) => {
    expect(() => applyDiff(text, diff)).toThrow(problem);
  });
});
