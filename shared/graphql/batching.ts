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
  isForSection(): boolean;
}

export interface ReadLoader<K, Loaded> {
  load(key: K): Promise<Loaded>;
}

/**
 * A loader whose batches go out for a section only where nobody else has asked for any of their keys. What it needs is made when it is
 * first asked: few requests ask every read of a domain.
 */
export function createReadLoader<K, Loaded, S>(
  load: (keys: readonly K[], scope: S) => PromiseLike<ArrayLike<Loaded>>,
  keyOf: (key: K) => readonly string[],
  asking: Asking<S>,
): ReadLoader<K, Exclude<Loaded, Error>> {
  let loader: DataLoader<K, Exclude<Loaded, Error>, string> | undefined;
  let needed: Set<string> | undefined;

  function scopeFor(keys: readonly K[]): S {
    if (needed === undefined) return asking.sectionScope;
    for (const key of keys) if (needed.has(joined(keyOf(key)))) return asking.scope;
    return asking.sectionScope;
  }

  return {
    load(key) {
      if (!asking.isForSection()) {
        needed ??= new Set();
        needed.add(joined(keyOf(key)));
      }
      loader ??= createLoader<K, Loaded>((keys) => load(keys, scopeFor(keys)), keyOf);
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
 * item's own path. What `onWaiting` is given ends the waiting: items that are not there by then are that error.
 */
export function settleItems<V>(
  items: readonly Promise<V>[],
  onWaiting?: (leave: (error: Error) => void) => void,
): Promise<V[]> {
  if (items.length === 0) return Promise.resolve([]);
  return new Promise((resolve) => {
    const settled: unknown[] = [];
    let pending = items.length;
    items.forEach((item, index) => {
      const settle = (value: unknown): void => {
        // After the end: what comes now comes too late.
        if (pending === 0) return;
        settled[index] = value;
        pending -= 1;
        if (pending === 0) resolve(settled as V[]);
      };
      item.then(settle, settle);
    });
    onWaiting?.((error) => {
      if (pending === 0) return;
      pending = 0;
      resolve(Array.from(items, (_, index) => (index in settled ? settled[index] : error)) as V[]);
    });
  });
}
