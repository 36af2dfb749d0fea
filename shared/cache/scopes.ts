import { encodePart, ownerPrefix } from './entry-key.ts';

/** What every entry that anything can drop depends on: the last resort when drops were lost. */
export const rootScope = 'r';

const tagPrefix = 't';

/** Whether this is the scope of everything, or of a public read: few, and most of what is kept hangs on them. */
export function isStructural(scope: string): boolean {
  return scope === rootScope || scope.startsWith(ownerPrefix(null));
}

/** Whether this is the scope of one viewer's data. */
export function isPersonal(scope: string): boolean {
  return !isStructural(scope) && !scope.startsWith(tagPrefix);
}

/** All that is kept for this viewer. */
export function viewerScope(viewerId: string): string {
  return ownerPrefix(viewerId);
}

/** All entries of this read that are kept for this viewer, or (null) for everybody. */
export function readScope(viewerId: string | null, read: string): string {
  return ownerPrefix(viewerId) + encodePart(read);
}

/**
 * All entries, whoever's, that carry this tag, and some that do not: tags share 65,536 scopes. Ids come from clients, and each
 * scope is a key in Redis for days, so a scope for each id ever asked for would let anyone fill it; sharing one costs a refill.
 */
export function tagScope(tag: string): string {
  return `${tagPrefix}${fnv1a(tag) & 0xffff}`;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) >>> 0;
}
