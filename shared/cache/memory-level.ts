import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.ts';
import { stateOf } from './generations.ts';

/** The level in this process: least recently used out first, bounded by what its entries weigh. */
export interface MemoryLevel {
  /** The entry, unless something has dropped it since it was fetched. */
  get(key: string): Entry | undefined;
  /** Keeps an entry unless a newer one is there. */
  put(key: string, entry: Entry): void;
  delete(key: string): void;
  /** Removes all entries whose key starts so; returns how many. */
  deleteByPrefix(prefix: string): number;
  readonly bytes: number;
  readonly size: number;
}

/** What an entry and its key weigh besides their text: objects, the list's node, the generations. */
const overheadBytes = 400;

/** What an entry is counted as: V8 holds text at one or two bytes a character, and objects at about twice their JSON. */
export function entryBytes(key: string, jsonLength: number): number {
  return overheadBytes + 2 * (key.length + jsonLength);
}

export function createMemoryLevel(maxBytes: number): MemoryLevel {
  const entries = new LRUCache<string, Entry>({ maxSize: maxBytes, sizeCalculation: (entry) => entry.bytes });
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || entry.generations.length === 0 || stateOf(entry.generations) !== 'dropped')
        return entry;
      entries.delete(key);
      return undefined;
    },
    put(key, entry) {
      const held = entries.peek(key);
      const isOlder =
        held !== undefined && held.fetchedAtMs > entry.fetchedAtMs && stateOf(held.generations) !== 'dropped';
      if (!isOlder) entries.set(key, entry);
    },
    delete: (key) => void entries.delete(key),
    deleteByPrefix(prefix) {
      const doomed = [...entries.keys()].filter((key) => key.startsWith(prefix));
      for (const key of doomed) entries.delete(key);
      return doomed.length;
    },
    get bytes() {
      return entries.calculatedSize;
    },
    get size() {
      return entries.size;
    },
  };
}
