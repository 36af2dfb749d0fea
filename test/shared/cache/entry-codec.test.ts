import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from '../../../shared/cache/entry-codec.ts';
import { planOf } from '../../../shared/cache/read-plan.ts';
import { createFakeService, thingRead } from './cache-kit.ts';

const plan = planOf(thingRead(createFakeService()));
const stored = {
  fetchedAtMs: 1_767_225_600_000,
  tokens: ['a', 'b'],
  records: { thing: { id: 'x', revision: 1, owner: null } },
};

function encoded(json: unknown): Buffer {
  return Buffer.concat([Buffer.of(1, 0), Buffer.from(JSON.stringify(json))]);
}

describe('an entry in Redis', () => {
  it('comes back as it went, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), fc.integer(), (thing, tokens, fetchedAtMs) => {
        const value: unknown = JSON.parse(JSON.stringify(thing));
        expect(decodeEntry(plan, encodeEntry(plan, { fetchedAtMs, tokens, records: { thing: value } }))).toMatchObject({
          fetchedAtMs,
          tokens,
          records: { thing: value },
        });
      }),
    );
  });

  it('says that there is no such thing', () => {
    expect(decodeEntry(plan, encodeEntry(plan, { ...stored, records: null }))).toMatchObject({ records: null });
  });

  it('is deflated above 1 KB, and not below', () => {
    const small = encodeEntry(plan, { ...stored, records: { thing: 'x'.repeat(500) } });
    const large = encodeEntry(plan, { ...stored, records: { thing: 'x'.repeat(5000) } });
    expect(small.length).toBeGreaterThan(500);
    expect(large.length).toBeLessThan(500);
    expect(decodeEntry(plan, large)?.records).toEqual({ thing: 'x'.repeat(5000) });
  });

  it('is a miss in another version of its record', () => {
    const next = planOf(thingRead(createFakeService(), { version: 2 }));
    expect(decodeEntry(next, encodeEntry(plan, stored))).toBeUndefined();
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['of another format', Buffer.concat([Buffer.of(2), encodeEntry(plan, stored).subarray(1)])],
    ['cut off', encodeEntry(plan, stored).subarray(0, 40)],
    ['no JSON', Buffer.concat([Buffer.of(1, 0), Buffer.from('{"a":')])],
    ['deflated by name only', Buffer.concat([Buffer.of(1, 1), Buffer.from('[]')])],
    ['a bomb', Buffer.concat([Buffer.of(1, 1), deflateRawSync(Buffer.alloc(9 * 1024 * 1024, '['))])],
    ['an object', encoded({})],
    ['without a time', encoded(['now', ['a'], null])],
    ['with tokens that are none', encoded([1, [1], null])],
    ['with a record of another name', encoded([1, [], [['other', 1, {}]]])],
    [
      'with one record too many',
      encoded([
        1,
        [],
        [
          ['thing', 1, {}],
          ['more', 1, {}],
        ],
      ]),
    ],
    ['with a record that has no value', encoded([1, [], [['thing', 1]]])],
    ['with __proto__ for a name', encoded([1, [], [['__proto__', 1, {}]]])],
  ])('is a miss when it is %s', (_what, bytes) => {
    expect(decodeEntry(plan, bytes)).toBeUndefined();
  });

  it('never makes more of random bytes than a miss', () => {
    for (let i = 0; i < 2000; i += 1) {
      const bytes = randomBytes(Math.floor(Math.random() * 200));
      if (i % 2 === 0) bytes.set([1, i % 4 === 0 ? 1 : 0].slice(0, bytes.length));
      expect(decodeEntry(plan, bytes)).toBeUndefined();
    }
  });
});
