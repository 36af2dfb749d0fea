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
    { maxBatchSize, cacheKeyFn: (key) => JSON.stringify(keyOf(key)) },
  );
}

/**
 * The items of a list, waited for together. One that failed is an `Error` in its place, which the executor reports under that
 * item's own path.
 */
export async function settleItems<V>(items: readonly Promise<V>[]): Promise<V[]> {
  const settled = await Promise.allSettled(items);
  return settled.map((item) => (item.status === 'fulfilled' ? item.value : (item.reason as V)));
}
