import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growingLru, ownBytes, TurnoverMap } from '../../shared/memory.ts';
import { collect, oldBytes } from '../support/old-space.ts';

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

describe('a map for what comes and goes', () => {
  it('holds what a Map holds', () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.option(fc.record({ id: fc.nat() })) });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const plain = new Map<string, object>();
        const turnover = new TurnoverMap<string, object>();
        for (const { key, value } of changes) {
          if (value === null) {
            plain.delete(key);
            turnover.delete(key);
          } else {
            plain.set(key, value);
            turnover.set(key, value);
          }
          expect([turnover.size, turnover.get(key)]).toEqual([plain.size, plain.get(key)]);
        }
        expect(new Set(turnover.values())).toEqual(new Set(plain.values()));
      }),
    );
  });

  it.each([
    ['has gone', (map: TurnoverMap<number, object>, key: number) => map.delete(key - 3)],
    ['was overwritten', (map: TurnoverMap<number, object>, key: number) => map.set(key - 3, {})],
  ])('keeps nothing in the old space that %s, whatever a full collection found in it', (_title, letGo) => {
    const turnover = new TurnoverMap<number, object>();
    const large = () => ({ large: Array.from({ length: 1000 }, () => ({})) });
    for (let key = 0; key < 3; key += 1) turnover.set(key, large());
    collect();
    const before = oldBytes();
    for (let key = 3; key < 1000; key += 1) {
      turnover.set(key, large());
      letGo(turnover, key);
      if (key % 20 === 0) collect({ type: 'minor' });
    }
    // 1000 of them are 40 MB.
    expect(oldBytes() - before).toBeLessThan(2_000_000);
  });
});
