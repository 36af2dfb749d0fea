import DataLoader from 'dataloader';

/** How many keys one batch may hold: what the services' batch reads take. */
const maxBatchSize = 100;

/**
 * One request's loader: what is asked for in one turn of the event loop goes out as one batch, each key once. `load` answers
 * in the keys' order, with an `Error` in the place of a key that failed; `keyOf` tells one key from another.
 */
export function createLoader<K, Loaded>(
  load: (keys: readonly K[]) => PromiseLike<ArrayLike<Loaded>>,
  keyOf: (key: K) => readonly string[],
): DataLoader<K, Exclude<Loaded, Error>, string> {
  return new DataLoader<K, Exclude<Loaded, Error>, string>(
    load as (keys: readonly K[]) => PromiseLike<ArrayLike<Exclude<Loaded, Error> | Error>>,
    { maxBatchSize, cacheKeyFn: (key) => joined(keyOf(key)) },
  );
}

/** How one request asks: for what its answer needs, and for sections that may be left out. */
export interface Asking<S> {
  readonly scope: S;
  readonly sectionScope: S;
  /** Whether whoever asks at this moment asks for a section. */
  readonly isForSection: boolean;
}

export interface ReadLoader<K, Loaded> {
  load(key: K): Promise<Loaded>;
}

/** A loader whose batches go out for a section only where nobody else has asked for any of their keys. */
export function createReadLoader<K, Loaded, S>(
  load: (keys: readonly K[], scope: S) => PromiseLike<ArrayLike<Loaded>>,
  keyOf: (key: K) => readonly string[],
  asking: Asking<S>,
): ReadLoader<K, Exclude<Loaded, Error>> {
  const needed = new Set<string>();
  const isNeeded = (key: K): boolean => needed.has(joined(keyOf(key)));
  const loader = createLoader<K, Loaded>(
    (keys) => load(keys, needed.size > 0 && keys.some(isNeeded) ? asking.scope : asking.sectionScope),
    keyOf,
  );
  return {
    load(key) {
      if (!asking.isForSection) needed.add(joined(keyOf(key)));
      return loader.load(key);
    },
  };
}

/** All keys of one loader have as many parts, so a single part is told from another by itself. */
function joined(parts: readonly string[]): string {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : JSON.stringify(parts);
}

/**
 * The items of a list, waited for together. One that failed is an `Error` in its place, which the executor reports under that
 * item's own path.
 */
export function settleItems<V>(items: readonly Promise<V>[]): Promise<V[]> {
  if (items.length === 0) return Promise.resolve([]);
  return new Promise((resolve) => {
    const settled: V[] = [];
    let pending = items.length;
    items.forEach((item, index) => {
      const settle = (value: unknown): void => {
        settled[index] = value as V;
        pending -= 1;
        if (pending === 0) resolve(settled);
      };
      item.then(settle, settle);
    });
  });
}
