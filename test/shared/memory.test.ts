import { describe, expect, it } from 'vitest';
import { growingLru, ownBytes } from '../../shared/memory.ts';

describe('a copy in memory of its own', () => {
  it.each(['', 'a', 'größer 🛒', 'x'.repeat(5000)])('has the same bytes and no others', (text) => {
    for (const content of [text, Buffer.from(text)]) {
      const own = ownBytes(content);
      expect([own.toString(), own.buffer.byteLength]).toEqual([text, Buffer.byteLength(text)]);
    }
  });
});

describe('an LRU cache that grows', () => {
  it('holds as many as it may, and tells of the one least recently used when it goes', () => {
    const gone: string[] = [];
    const cache = growingLru<object>(3, { dispose: (_value, key) => gone.push(key) });
    for (const key of ['a', 'b', 'c']) cache.set(key, {});
    cache.get('a');
    cache.set('d', {});
    expect([gone, [...cache.keys()].sort()]).toEqual([['b'], ['a', 'c', 'd']]);
  });
});
