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

/** A result with what its original told, so that whoever is served it can have that told again. */
export interface KeptVariant extends Variant {
  readonly format: EncodedFormat;
  readonly originalKey: string;
  readonly thumbhash: string;
}

export interface VariantCache {
  /** What is in memory, without waiting: the way of nearly every hit. */
  peek(key: string): KeptVariant | null;
  read(key: string): Promise<KeptVariant | null>;
  keep(key: string, variant: Omit<KeptVariant, 'contentType'>): KeptVariant;
}

/** Results in memory over results on disk. */
export function createVariantCache(
  disk: DiskCache,
  { maxMemoryBytes, onProblem }: { readonly maxMemoryBytes: number; readonly onProblem: (message: string) => void },
): VariantCache {
  const memory = new LRUCache<string, KeptVariant>({
    maxSize: maxMemoryBytes,
    // The buffer, and what stands around it.
    sizeCalculation: ({ body }) => body.length + 512,
  });

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
      memory.set(key, variant);
      return variant;
    },
    keep(key, { body, ...labels }) {
      const variant = { body, contentType: contentTypes[labels.format], ...labels };
      memory.set(key, variant);
      void disk.write(key, encodeDiskEntry({ labels, body }));
      return variant;
    },
  };
}

function decodeVariant(file: Buffer): KeptVariant | null {
  const entry = decodeDiskEntry(file);
  if (entry === null) return null;
  const { format, originalKey, thumbhash } = entry.labels;
  if (!isEncodedFormat(format) || originalKey === undefined || thumbhash === undefined) return null;
  return { body: entry.body, contentType: contentTypes[format], format, originalKey, thumbhash };
}

function isEncodedFormat(text: string | undefined): text is EncodedFormat {
  return text !== undefined && Object.hasOwn(contentTypes, text);
}
