import { availableParallelism } from 'node:os';
import type { ImageKey } from './signed-url.ts';

/** What the image process needs to know. */
export interface ImageSettings {
  /** The address to listen on. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly basePath: string;
  readonly keys: readonly ImageKey[];
  /** The widths in pixels that are served, ascending. */
  readonly widths: readonly number[];
  /** Where originals may come from, as `https://media.shop.example`; every address behind the name must be public. */
  readonly origins: readonly string[];
  /** Origins that may be private addresses: a media server on this machine or in this cluster. */
  readonly privateOrigins: readonly string[];
  /** For originals and results; may be shared by processes on this machine. */
  readonly cacheDirectory: string;
  readonly limits?: Partial<ImageLimits>;
}

/** Every bound of the image process, with its default in `imageLimits`. */
export interface ImageLimits {
  /** Of originals on disk. */
  readonly maxOriginalCacheBytes: number;
  /** Of results on disk. */
  readonly maxVariantCacheBytes: number;
  /** Of results in memory. */
  readonly maxMemoryBytes: number;
  readonly maxPixels: number;
  readonly maxOriginalBytes: number;
  readonly maxFrames: number;
  /** Of a progressive JPEG. */
  readonly maxScans: number;
  readonly connectTimeoutMs: number;
  readonly downloadTimeoutMs: number;
  /** From the request to its answer, waiting included. */
  readonly totalTimeoutMs: number;
  /** Pictures that are decoded and encoded at once. */
  readonly maxTransforms: number;
  /**
   * Pictures of one origin that are being downloaded and transformed, each of which may hold its original in memory. As many
   * more are transformed of originals on disk.
   */
  readonly maxJobs: number;
  /** Pictures that wait for their turn: of one origin, and as many more whose originals are on disk. */
  readonly maxQueued: number;
  /** How long a refusal that the original itself causes is remembered. */
  readonly refusalTtlMs: number;
  readonly maxConnections: number;
}

const cores = availableParallelism();

export const imageLimits: ImageLimits = {
  maxOriginalCacheBytes: 1024 ** 3,
  maxVariantCacheBytes: 1024 ** 3,
  // About 500 pictures of a phone's screens: what is hot is not read from the disk again, which the system keeps in memory too.
  maxMemoryBytes: 16 * 1024 ** 2,
  // imgproxy's own default; a phone's camera takes 48.
  maxPixels: 50_000_000,
  maxOriginalBytes: 20_000_000,
  maxFrames: 300,
  // A progressive JPEG has about 10. Each takes 5 ms at 50 megapixels, though it holds nothing and takes 100 bytes of the file.
  maxScans: 100,
  connectTimeoutMs: 1000,
  downloadTimeoutMs: 5000,
  totalTimeoutMs: 10_000,
  // One thread each: libvips' own threads would compete for the same cores.
  maxTransforms: cores,
  // Downloads wait for the network while transforms use the cores; 4 x 20 MB a core is the most that an origin's originals take in memory.
  maxJobs: 4 * cores,
  maxQueued: 100,
  refusalTtlMs: 30_000,
  maxConnections: 4096,
};
