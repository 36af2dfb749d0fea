import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';

export type ContentCoding = 'br' | 'gzip';

/** Below this an answer fits into one packet as it is. */
const minBytes = 1200;
/** From here on brotli is both smaller and cheaper than gzip: 20 KB of our JSON, 3203 bytes in 170 us against 3405 in 230. Below, gzip is cheaper: 4 KB, 901 bytes in 42 us against 865 in 75. */
const brotliFromBytes = 8 * 1024;
/** Up to here compressing on the spot blocks for at most 0.4 ms and saves the 170 us that a hand-over to libuv's threads costs. */
const maxSyncBytes = 64 * 1024;

const gzipOptions = { level: 6 };
const gzipLater = promisify(gzip);
const brotliLater = promisify(brotliCompress);

const accepted = new Map<string, readonly ContentCoding[]>();
const maxAccepted = 200;

/** The coding for a body of `bytes` by RFC 9110 §12.5.3; null: as it is. */
export function chooseCoding(acceptEncoding: string | undefined, bytes: number): ContentCoding | null {
  if (bytes < minBytes || acceptEncoding === undefined) return null;
  let codings = accepted.get(acceptEncoding);
  if (codings === undefined) {
    codings = readCodings(acceptEncoding);
    if (accepted.size < maxAccepted && acceptEncoding.length <= 128) accepted.set(acceptEncoding, codings);
  }
  if (codings.length < 2) return codings[0] ?? null;
  return bytes < brotliFromBytes ? 'gzip' : 'br';
}

/** The codings of ours that the client takes; of two that it likes unequally only the better. */
function readCodings(acceptEncoding: string): readonly ContentCoding[] {
  const qualities = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',').slice(0, 20)) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    qualities.set(name === 'x-gzip' ? 'gzip' : name, Number.isNaN(quality) ? 0 : quality);
  }
  const star = qualities.get('*') ?? 0;
  const brotli = qualities.get('br') ?? star;
  const gzipped = qualities.get('gzip') ?? star;
  if (brotli > 0 && brotli === gzipped) return ['br', 'gzip'];
  if (brotli > gzipped) return ['br'];
  return gzipped > 0 ? ['gzip'] : [];
}

/** Compresses a finished body. */
export function compress(body: string | Buffer, bytes: number, coding: ContentCoding): Buffer | Promise<Buffer> {
  if (coding === 'gzip') return bytes <= maxSyncBytes ? gzipSync(body, gzipOptions) : gzipLater(body, gzipOptions);
  const options = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 3,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
    },
  };
  return bytes <= maxSyncBytes ? brotliCompressSync(body, options) : brotliLater(body, options);
}
