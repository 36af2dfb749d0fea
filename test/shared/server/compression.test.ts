import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ContentCoding, compress, compressOnce } from '../../../shared/server/compression.ts';

describe.each<[ContentCoding, (bytes: Buffer) => Buffer]>([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
])('a body compressed by %s', (coding, decompress) => {
  it.each([0, 1, 1200, 2401, 64 * 1024, 64 * 1024 + 1, 300_000])(
    'of %i bytes is the same, even one that grows by it',
    async (bytes) => {
      for (const body of [randomBytes(bytes), Buffer.alloc(bytes, 'same ')]) {
        expect(decompress(await compress(body, body.length, coding)).equals(body)).toBe(true);
      }
    },
  );

  it('is made once for as long as the body lives, and holds no more than its own bytes', async () => {
    const body = Buffer.alloc(3000, 'same ');
    const compressed = await compressOnce(body, coding);
    expect(await compressOnce(body, coding)).toBe(compressed);
    expect(compressed.buffer.byteLength).toBe(compressed.length);
    expect(decompress(compressed).equals(body)).toBe(true);
  });
});
