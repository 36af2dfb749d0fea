import { LRUCache } from 'lru-cache';
import type { DiskCache } from './disk-cache.ts';
import { decodeDiskEntry, encodeDiskEntry } from './disk-entry.ts';
import type { EncodedFormat } from './encoding.ts';
import { contentTypes } from './encoding.ts';

/** A result, ready to be sent. */
export interface Variant {
  readonly body: Buffer;
  readonly contentType: string;
}

/** A result with what its original told, so that a result read from disk can tell it again. */
export interface KeptVariant {
  readonly body: Buffer;
  readonly format: EncodedFormat;
  readonly originalKey: string;
  readonly thumbhash: string;
}

export interface VariantCache {
  /** What is in memory, without waiting: the way of nearly every hit. */
  peek(key: string): Variant | null;
  read(key: string): Promise<KeptVariant | null>;
  keep(key: string, variant: KeptVariant): void;
}

/** Results in memory over results on disk. */
export function createVariantCache(
  disk: DiskCache,
  { maxMemoryBytes, onProblem }: { readonly maxMemoryBytes: number; readonly onProblem: (message: string) => void },
): VariantCache {
  const memory = new LRUCache<string, Variant>({
    maxSize: maxMemoryBytes,
    // The buffer, and what stands around it.
    sizeCalculation: ({ body }) => body.length + 512,
  });

  function remember(key: string, { body, format }: KeptVariant): void {
    memory.set(key, { body, contentType: contentTypes[format] });
  }

  return {
    peek: (key) => memory.get(key) ?? null,
    async read(key) {
      const file = await disk.read(key);
      if (file === null) return null;
      const variant = decodeVariant(file);
      if (variant === null) {
        onProblem('a damaged picture was removed from the cache');
        await disk.remove(key);
        return null;
      }
      remember(key, variant);
      return variant;
    },
    keep(key, variant) {
      remember(key, variant);
      const { format, originalKey, thumbhash } = variant;
      void disk.write(key, encodeDiskEntry({ labels: { format, originalKey, thumbhash }, body: variant.body }));
    },
  };
}

function decodeVariant(file: Buffer): KeptVariant | null {
  const entry = decodeDiskEntry(file);
  if (entry === null) return null;
  const { format, originalKey, thumbhash } = entry.labels;
  if (!isEncodedFormat(format) || originalKey === undefined || thumbhash === undefined) return null;
  return { body: entry.body, format, originalKey, thumbhash };
}

function isEncodedFormat(text: string | undefined): text is EncodedFormat {
  return text !== undefined && Object.hasOwn(contentTypes, text);
}
