/**
 * One part of a key, with its length before it: no id, whatever it contains, can end early and start the next part, so
 * distinct lists of parts give distinct keys. Half a surrogate pair would become the same replacement character as any other
 * on its way to Redis, so text that has one is escaped, and marked.
 */
export function encodePart(part: string): string {
  if (part.isWellFormed()) return `${part.length}:${part}`;
  const escaped = JSON.stringify(part);
  return `j${escaped.length}:${escaped}`;
}

/** The start of every key that belongs to this viewer, or to everybody where it is null. No public key starts as a viewer's does. */
export function ownerPrefix(viewerId: string | null): string {
  return viewerId === null ? 'p' : `v${encodePart(viewerId)}`;
}

/** The key of one entry: its owner and its read (the prefix), and what tells it from the read's other entries. */
export function entryKey(prefix: string, parts: readonly string[]): string {
  let key = prefix;
  for (const part of parts) key += encodePart(part);
  return key;
}
