import { LRUCache } from 'lru-cache';

/**
 * A copy in memory of its own. Node cuts small buffers out of slabs of 64 KB: what is kept for long would hold a whole slab for
 * its few bytes, and weigh many times what it is counted as.
 */
export function ownBytes(content: string | Uint8Array): Buffer {
  if (typeof content !== 'string') {
    const copy = Buffer.allocUnsafeSlow(content.byteLength);
    copy.set(content);
    return copy;
  }
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(content));
  bytes.write(content);
  return bytes;
}

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

/**
 * A map for what comes and goes by the thousand. When a `Map` lays its table out anew, the old table keeps what was in it, and knows
 * the new one: after one full collection, whatever is in the map at such a moment waits for the next (decision 21). What waits here
 * is a slot, which has been emptied.
 */
export class TurnoverMap<K extends string | number, V extends object> {
  readonly #slots = new Map<K, { value: V | undefined }>();

  get size(): number {
    return this.#slots.size;
  }

  get(key: K): V | undefined {
    return this.#slots.get(key)?.value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.#slots.set(key, { value });
  }

  delete(key: K): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    slot.value = undefined;
    this.#slots.delete(key);
  }

  *values(): Iterable<V> {
    for (const { value } of this.#slots.values()) if (value !== undefined) yield value;
  }
}
