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
