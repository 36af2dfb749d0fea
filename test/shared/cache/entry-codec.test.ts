import { randomBytes } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
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

const key = 'p11:shop.things1:x';
const encode = (entry: Parameters<typeof encodeEntry>[2]): Buffer => encodeEntry(plan, key, entry);
const decode = (bytes: Buffer): ReturnType<typeof decodeEntry> => decodeEntry(plan, key, bytes);

/** With the checksum that belongs to it. */
function sealed(encoding: 0 | 1, body: Buffer | string): Buffer {
  const head = Buffer.of(2, encoding, 0, 0, 0, 0);
  const bytes = Buffer.from(body);
  head.writeUInt32BE(crc32(bytes, crc32(head.subarray(0, 2), crc32(key))), 2);
  return Buffer.concat([head, bytes]);
}

const encoded = (json: unknown): Buffer => sealed(0, JSON.stringify(json));

describe('an entry in Redis', () => {
  it('comes back as it went, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), fc.integer(), (thing, tokens, fetchedAtMs) => {
        const value: unknown = JSON.parse(JSON.stringify(thing));
        expect(decode(encode({ fetchedAtMs, tokens, records: { thing: value } }))).toMatchObject({
          fetchedAtMs,
          tokens,
          records: { thing: value },
        });
      }),
    );
  });

  it('says that there is no such thing', () => {
    expect(decode(encode({ ...stored, records: null }))).toMatchObject({ records: null });
  });

  it('is deflated above 1 KB, and not below', () => {
    const small = encode({ ...stored, records: { thing: 'x'.repeat(500) } });
    const large = encode({ ...stored, records: { thing: 'x'.repeat(5000) } });
    expect(small.length).toBeGreaterThan(500);
    expect(large.length).toBeLessThan(500);
    expect(decode(large)?.records).toEqual({ thing: 'x'.repeat(5000) });
  });

  it('is a miss in another version of its record', () => {
    const next = planOf(thingRead(createFakeService(), { version: 2 }));
    expect(decodeEntry(next, key, encode(stored))).toBeUndefined();
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['of another format', Buffer.concat([Buffer.of(1), encode(stored).subarray(1)])],
    ['cut off', encode(stored).subarray(0, 40)],
    ['no JSON', sealed(0, '{"a":')],
    ['deflated by name only', sealed(1, '[]')],
    ['a bomb', sealed(1, deflateRawSync(Buffer.alloc(9 * 1024 * 1024, '[')))],
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
    expect(decode(bytes)).toBeUndefined();
  });

  it.each([
    ['plain', 'x'.repeat(100)],
    ['deflated', Array.from({ length: 400 }, (_, i) => i * 7919).join()],
  ])('is a miss with any one bit flipped, when it is %s', (_how, text) => {
    const bytes = encode({ ...stored, records: { thing: text } });
    expect(decode(bytes)?.records).toEqual({ thing: text });
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decode(flipped)).toBeUndefined();
    }
  });

  it('is a miss under another key', () => {
    expect(decodeEntry(plan, 'v3:ann11:shop.things1:x', encode(stored))).toBeUndefined();
  });

  it('never makes more of random bytes than a miss', () => {
    for (let i = 0; i < 2000; i += 1) {
      const bytes = randomBytes(Math.floor(Math.random() * 200));
      if (i % 2 === 0) bytes.set([2, i % 4 === 0 ? 1 : 0].slice(0, bytes.length));
      expect(decode(bytes)).toBeUndefined();
    }
  });
});
