import { LRUCache } from 'lru-cache';

/**
 * An LRU cache of at most `max` entries whose tables grow with what is in it. By its own `max`, lru-cache lays them out at the
 * start: some 3 MB for 100,000 entries of which a quiet server never sees a tenth.
 */
export function growingLru<V extends object>(
  max: number,
  options: Pick<LRUCache.Options<string, V, unknown>, 'dispose'> = {},
): LRUCache<string, V> {
  return new LRUCache<string, V>({ ...options, maxSize: max, sizeCalculation: () => 1 });
}
