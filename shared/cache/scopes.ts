import { encodePart, ownerPrefix } from './entry-key.ts';

/** What every entry that anything can drop depends on: the last resort when drops were lost. */
export const rootScope = 'r';

/** All that is kept for this viewer. */
export function viewerScope(viewerId: string): string {
  return ownerPrefix(viewerId);
}

/** All entries of this read that are kept for this viewer, or (null) for everybody. */
export function readScope(viewerId: string | null, read: string): string {
  return ownerPrefix(viewerId) + encodePart(read);
}

/** All entries, whoever's, that carry this tag. */
export function tagScope(tag: string): string {
  return `t${encodePart(tag)}`;
}
