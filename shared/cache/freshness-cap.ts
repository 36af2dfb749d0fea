import type { CachedRead, PartPolicy, ReadScope, ReadThrough } from './cached-read.ts';

/**
 * The same cache, but nothing is served unasked for longer than `maxFreshMs`, and for as long again while it is refreshed: in a
 * demonstration a fault shows within seconds. What is kept for the case of a failure is kept as declared.
 */
export function capFreshness<S extends ReadScope>(reads: ReadThrough<S>, maxFreshMs: number): ReadThrough<S> {
  // The cache works out what follows from a read once for each object that declares one.
  const capped = new WeakMap<object, object>();
  return {
    many<K, P extends object>(read: CachedRead<K, P, S>, keys: readonly K[], scope: S) {
      const known = capped.get(read) as CachedRead<K, P, S> | undefined;
      const short = known ?? { ...read, parts: capParts(read.parts, maxFreshMs) };
      if (known === undefined) capped.set(read, short);
      return reads.many(short, keys, scope);
    },
    drop: (targets) => reads.drop(targets),
    stillServes: (hits) => reads.stillServes(hits),
  };
}

function capParts<P extends object>(parts: P, maxFreshMs: number): P {
  const short = Object.entries(parts as Readonly<Record<string, PartPolicy<unknown>>>).map(([name, policy]) => {
    const { freshForMs, revalidateForMs, keepForMs } = policy.windows;
    const windows = {
      freshForMs: Math.min(freshForMs, maxFreshMs),
      revalidateForMs: Math.min(revalidateForMs, maxFreshMs),
      keepForMs,
    };
    return [name, { ...policy, windows }];
  });
  return Object.fromEntries(short) as P;
}
