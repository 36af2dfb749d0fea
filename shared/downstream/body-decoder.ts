import { constants, isUtf8 } from 'node:buffer';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** Why a body could not be read; never holds any of the body. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
}

type Decoder = (
  body: Buffer,
  options: { maxOutputLength: number },
  done: (error: Error | null, decoded: Buffer) => void,
) => void;

/** A map and no object: a service that says `constructor` must not be decoded by what every object inherits. */
const decoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['br', brotliDecompress],
  ['deflate', inflate],
]);

/** Whether a `Content-Encoding` needs decoding at all; codings have no case (RFC 9110 §8.4.1). */
export function isEncoded(contentEncoding: string | undefined): contentEncoding is string {
  if (contentEncoding === undefined || contentEncoding === '') return false;
  return contentEncoding !== 'identity' && contentEncoding.trim().toLowerCase() !== 'identity';
}

/** Decodes a whole body, stopping at `maxBytes` of output: a gzip bomb costs that much memory and no more. */
export function decodeBody(
  body: Buffer,
  contentEncoding: string,
  options: { readonly maxBytes: number; readonly done: (error: Error | null, decoded: Buffer) => void },
): void {
  const decode = decoders.get(contentEncoding.trim().toLowerCase());
  if (decode) decode(body, { maxOutputLength: Math.min(options.maxBytes, constants.MAX_LENGTH) }, options.done);
  else options.done(new UnreadableBody('The answer has an encoding that is not understood.'), body);
}

/** Whether a `Content-Type` says JSON: `application/json` or any `+json`. */
export function isJsonType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  if (contentType === 'application/json' || contentType.startsWith('application/json;')) return true;
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

/** Parses a body that must be JSON in UTF-8; undefined where it is empty. @throws UnreadableBody */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  // Decoding would put a replacement character in the place of a bad byte, and a wrong name in the answer.
  if (!isUtf8(body)) throw new UnreadableBody('The answer is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The parser's own message quotes the body.
    throw new UnreadableBody('The answer is not JSON.');
  }
}
