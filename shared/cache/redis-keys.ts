/** How our keys are called in Redis. Personal data is under `entry` keys that begin with a viewer's, and nowhere else. */
export interface RedisKeys {
  entry(key: string): string;
  generation(scope: string): string;
  lease(key: string): string;
  /** What all generations' keys begin with. */
  readonly generationPrefix: string;
  /** The scope of a generation's key. */
  scopeOf(generationKey: string): string;
}

/** Keys under this prefix, which tells our data from others' in the same Redis. */
export function createRedisKeys(prefix: string): RedisKeys {
  const generationPrefix = `${prefix}g:`;
  return {
    entry: (key) => `${prefix}e:${key}`,
    generation: (scope) => generationPrefix + scope,
    lease: (key) => `${prefix}l:${key}`,
    generationPrefix,
    scopeOf: (generationKey) => generationKey.slice(generationPrefix.length),
  };
}
