import { randomUUID } from 'node:crypto';

/** How Redis calls a generation that follows a drop: everything with an older name is wrong. */
export function nameAfterDrop(): string {
  return `d:${randomUUID()}`;
}

/** How Redis calls a generation of which it knew none: it was never asked, or has evicted, let expire or lost the last name. */
export function nameAtBeginning(): string {
  return `n:${randomUUID()}`;
}

/** Whether Redis had forgotten the name before this one, which says nothing about what was fetched under it. */
export function isBeginning(name: string): boolean {
  return name.startsWith('n:');
}
