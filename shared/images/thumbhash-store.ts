/** Where the thumbhashes of originals are kept: the image process writes them, GraphQL reads them. */
export interface ThumbhashStore {
  /** The thumbhash (Base64) of each key, null where none is known; never fails, since a placeholder is a nicety. */
  getMany(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** Keeps a thumbhash; setting the same one again changes nothing. */
  set(key: string, thumbhash: string): Promise<void>;
}
