import { createHash } from 'node:crypto';
import { canonicalVersion } from './image-options.ts';

/** The one spelling of an address that the optimiser takes: with the others, lists of allowed hosts are passed by. */
export function canonicalSource(source: string): string {
  return URL.parse(source)?.href ?? source;
}

/** Names an original at one version: its key in the caches and in the `ThumbhashStore`. */
export function originalKey(source: string, version: string): string {
  const text = `${canonicalSource(source)}\n${canonicalVersion(version)}`;
  return createHash('sha256').update(text).digest('base64url');
}
