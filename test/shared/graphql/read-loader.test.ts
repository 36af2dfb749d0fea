import { expect, test } from 'vitest';
import { createReadLoader } from '../../../shared/graphql/batching.ts';

test('a batch goes out for a section only where nobody else has asked for any of its keys', async () => {
  let isSection = true;
  const asking = { scope: 'request', sectionScope: 'section', isForSection: () => isSection };
  const batches: [string, readonly string[]][] = [];
  const loader = createReadLoader(
    async (keys: readonly string[], scope: string) => {
      batches.push([scope, keys]);
      return keys;
    },
    (key) => [key],
    asking,
  );
  function ask(key: string, inSection: boolean): Promise<unknown> {
    isSection = inSection;
    return loader.load(key);
  }

  await ask('a', true);
  await Promise.all([ask('b', true), ask('c', false)]);
  await ask('d', true);
  await Promise.all([ask('e', true), ask('e', false)]);
  expect(batches).toEqual([
    ['section', ['a']],
    ['request', ['b', 'c']],
    ['section', ['d']],
    ['request', ['e']],
  ]);
});
