import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryKey, ownerPrefix } from '../../../shared/cache/entry-key.ts';
import { readScope, rootScope, tagScope, viewerScope } from '../../../shared/cache/scopes.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ':',
        '*',
        '1:',
        '2:',
        '\n',
        '\r',
        '\0',
        'v',
        'p',
        'j',
        '"',
        '\\',
        '\ud800',
        '\udc00',
        '\ufffd',
        'a',
        '1',
      ),
    )
    .map((parts) => parts.join('')),
);

/** As the bytes that Redis gets. */
function bytesOf(key: string): string {
  return Buffer.from(key).toString('hex');
}

describe('the key of an entry', () => {
  it('differs, as bytes too, where any of its parts differs', () => {
    const parts = fc.record({ owner: fc.option(hostile), read: hostile, ids: fc.array(hostile, { maxLength: 4 }) });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const keys = [a, b].map(({ owner, read, ids }) => bytesOf(entryKey(ownerPrefix(owner), [read, ...ids])));
        expect(keys[0] === keys[1]).toBe(
          JSON.stringify([a.owner, a.read, a.ids]) === JSON.stringify([b.owner, b.read, b.ids]),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('never begins as another viewer’s or as everybody’s', () => {
    fc.assert(
      fc.property(fc.option(hostile), fc.option(hostile), fc.array(hostile), (a, b, ids) => {
        fc.pre(a !== b);
        expect(
          entryKey(ownerPrefix(a), ['shop.things', ...ids]).startsWith(entryKey(ownerPrefix(b), ['shop.things'])),
        ).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [['a:b'], ['a', 'b']],
    [['1:a1:b'], ['a', 'b']],
    [[''], []],
    [['a', ''], ['a']],
    [['\ud800'], ['\ud801']],
    [['\ud800'], ['\ufffd']],
    [['\ud800'], ['"\\ud800"']],
    [['a\r\nDEL x'], ['a', 'DEL x']],
  ])('tells %j from %j', (a, b) => {
    expect(bytesOf(entryKey('p', a))).not.toBe(bytesOf(entryKey('p', b)));
  });
});

describe('the scopes of a drop', () => {
  it('are told apart whatever the ids contain', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (viewer, read, tag) => {
        const scopes = [rootScope, viewerScope(viewer), readScope(viewer, read), readScope(null, read), tagScope(tag)];
        expect(new Set(scopes.map(bytesOf)).size).toBe(scopes.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('are at most 65,536 for all tags, and seldom the same for two', () => {
    const scopes = new Set(Array.from({ length: 10_000 }, (_, i) => tagScope(`product:p-${i}`)));
    expect(scopes.size).toBeGreaterThan(9000);
    for (const scope of scopes) expect(scope).toMatch(/^t\d{1,5}$/);
  });
});
