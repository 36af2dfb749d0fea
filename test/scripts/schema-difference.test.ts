import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeDifference } from '../../scripts/schema-difference.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const generated = 'schema/generated/tv/schema.graphql';
const source = 'schema/tv/catalog.graphql';

function createRepository(): string {
  const root = createTemporaryFolder({
    [generated]: 'type Query { a: Int b: Int }',
    [source]: 'type Query { a: Int }\nextend type Query { b: Int }',
  });
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const git = (...args: readonly string[]) => execFileSync('git', [...author, ...args], { cwd: root, stdio: 'ignore' });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'schema');
  return root;
}

it('lists what has changed in a schema since a commit, and how bad it is, before anything is generated from it', async () => {
  const root = createRepository();
  expect(await describeDifference(root, 'tv', 'HEAD')).toEqual([]);
  writeFileSync(join(root, source), 'type Query { a: Int c: Int }');
  expect((await describeDifference(root, 'tv', 'HEAD'))?.toSorted()).toEqual([
    "breaking: Field 'b' was removed from object type 'Query'",
    "non breaking: Field 'c' was added to object type 'Query'",
  ]);
});

it('has nothing to compare with outside of a repository, for a new client, or for a commit that is none', async () => {
  const root = createRepository();
  expect(await describeDifference(root, 'tv', 'no-such-branch')).toBeNull();
  expect(await describeDifference(root, 'car', 'HEAD')).toBeNull();
  const plain = createTemporaryFolder({ [generated]: 'type Query { a: Int }', [source]: 'type Query { a: Int }' });
  expect(await describeDifference(plain, 'tv', 'HEAD')).toBeNull();
});
