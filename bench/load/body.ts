import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { LoadAnswer } from './connection.ts';

/** The JSON of an answer, whatever it was compressed with. */
export function parseAnswer({ body, encoding }: Pick<LoadAnswer, 'body' | 'encoding'>): unknown {
  const bytes = body ?? Buffer.alloc(0);
  const plain = encoding === 'br' ? brotliDecompressSync(bytes) : encoding === 'gzip' ? gunzipSync(bytes) : bytes;
  return JSON.parse(plain.toString());
}
