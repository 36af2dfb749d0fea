import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPictureStructure } from '../../../shared/images/picture-structure.ts';

const start = [0xff, 0xd8];
const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0];
const end = [0xff, 0xd9];

function scansOf(...parts: readonly (readonly number[])[]): number | undefined {
  return readPictureStructure('jpeg', Buffer.from(parts.flat()))?.scans;
}

describe('the scans of a JPEG', () => {
  it('are counted up to its end', () => {
    expect(scansOf(start, scan, [1, 2], scan, [3], end)).toBe(2);
    expect(scansOf(start, scan, end, start, scan, end)).toBe(1);
    expect(scansOf(start, scan, scan)).toBe(2);
    expect(scansOf(start, end)).toBe(0);
  });

  it.each([
    ['zeros that belong to the data', [0xff, 0, 0xff, 0]],
    ['restarts', [0xff, 0xd0, 7, 0xff, 0xd7]],
    ['bytes that fill up', [0xff, 0xff, 0xff]],
    ['what is no marker', [0, 9, 0xff, 1, 9]],
    ['a segment that says it is shorter than its length', [0xff, 0xfe, 0, 0]],
    ['tables', [0xff, 0xc4, 0, 4, 1, 1]],
  ])('are found behind %s', (_what, between) => {
    expect(scansOf(start, scan, between, scan, between, scan, end)).toBe(3);
  });

  it('are one where the first has all components of a frame that is not progressive: a decoder reads no more', () => {
    const frameOf = (marker: number, components: number) => [0xff, marker, 0, 8, 8, 0, 16, 0, 16, components];
    for (const marker of [0xc0, 0xc1, 0xc9]) {
      expect(scansOf(start, frameOf(marker, 1), scan, scan, scan, end)).toBe(1);
      expect(scansOf(start, frameOf(marker, 3), scan, scan, scan, end)).toBe(3);
    }
    for (const marker of [0xc2, 0xca]) expect(scansOf(start, frameOf(marker, 1), scan, scan, scan, end)).toBe(3);
    // A table, whatever stands in it.
    expect(scansOf(start, frameOf(0xc4, 1), scan, scan, end)).toBe(2);
  });

  it('are not those of the small picture that a camera puts into the header', () => {
    const small = [...start, ...scan, ...end];
    expect(scansOf(start, [0xff, 0xe1, 0, 2 + small.length], small, scan, end)).toBe(1);
  });

  it('are at most as many as there could be, in whatever bytes', () => {
    const byte = fc.oneof(fc.constantFrom(0xff, 0xda, 0xd8, 0xd9, 0xe1, 0), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 300 }), (bytes) => {
        const starts = bytes.filter((value, at) => value === 0xda && bytes[at - 1] === 0xff);
        expect(scansOf(bytes)).toBeLessThanOrEqual(starts.length);
      }),
    );
  });
});
