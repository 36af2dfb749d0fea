import { expect, it } from 'vitest';
import { growingLru } from '../../shared/growing-lru.ts';

it('holds as many as it may, and tells of the one least recently used when it goes', () => {
  const gone: string[] = [];
  const cache = growingLru<object>(3, { dispose: (_value, key) => gone.push(key) });
  for (const key of ['a', 'b', 'c']) cache.set(key, {});
  cache.get('a');
  cache.set('d', {});
  expect([gone, [...cache.keys()].sort()]).toEqual([['b'], ['a', 'c', 'd']]);
});
