import { createHash } from 'node:crypto';

/** A strong ETag of the very text that is sent. */
export function entityTag(text: string): string {
  return `"${createHash('sha1').update(text).digest('base64url')}"`;
}

/** Whether one of the tags of an `If-None-Match` or `If-Match` header is this one (weak comparison, RFC 9110 8.8.3.2). */
export function matchesTag(header: string, tag: string): boolean {
  const opaque = (text: string) => text.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((candidate) => opaque(candidate) === opaque(tag));
}
