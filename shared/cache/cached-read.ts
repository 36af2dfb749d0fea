import type { AbortSource } from '../abort.ts';
import type { AppError } from '../errors.ts';
import type { RequestTrace } from '../observability/request-trace.ts';
import type { Sourced } from '../provenance.ts';
import type { HitLog } from './hit-log.ts';

/** How long a value may be served, counted from when it was fetched. All three 0: never kept. */
export interface Windows {
  /** Served without asking. */
  readonly freshForMs: number;
  /** After that: served at once while one caller refreshes; not degraded. */
  readonly revalidateForMs: number;
  /** After that, and no longer than this since it was fetched: served only when the service fails; degraded. */
  readonly keepForMs: number;
}

/** One record that a read yields, with windows of its own. */
export interface PartPolicy<V> {
  readonly windows: Windows;
  /** Raised when the model's shape changes: entries of another version are misses. */
  readonly version: number;
  /** Served when the service fails and nothing is kept. */
  readonly defaultValue?: V;
}

/** What of a request the cache needs to know. */
export interface ReadScope {
  readonly viewerId: string | null;
  /** What the viewer's token allows: a token with less must not see what one with more has brought. */
  readonly grants?: string | undefined;
  readonly deadline: { readonly signal: AbortSource; remainingMs(): number };
  readonly cacheWait: { leftMs: number };
  /** Milliseconds that the request's optional sections may still take; there only where a section asks. */
  readonly sectionLeftMs?: () => number;
  readonly report: { addCacheLookup(read: string, counts: Readonly<Record<string, number>>): void };
  /** Where it is wanted: what this request was served from memory. */
  readonly hits?: HitLog | undefined;
  /** Undefined where the request is not traced. */
  readonly trace?: RequestTrace | undefined;
}

/**
 * A read of one service, declared once in its domain's `client.ts`. `K`: what it is asked by. `P`: the records that one key
 * yields, by name; most reads yield one, the catalog's yields two (the product; its price and stock). Records are plain JSON, as
 * Redis gives them back, and many requests share them: nobody changes one.
 */
export interface CachedRead<K, P extends object, S extends ReadScope = ReadScope> {
  /** `catalog.products`: unique, part of every key. */
  readonly name: string;
  readonly service: string;
  /** `viewer`: kept under the viewer's own key and seen by nobody else. */
  readonly audience: 'public' | 'viewer';
  /** The most keys that one `fetch` is given; the others go into further ones. */
  readonly maxBatch: number;
  readonly parts: { readonly [N in keyof P]: PartPolicy<P[N]> };
  /** What tells one key from another; any strings, in a fixed order. */
  keyOf(key: K): readonly string[];
  /** What a mutation drops this entry by, besides its own key: `order:order-17`. */
  tagsOf?(key: K): readonly string[];
  /** Asks the service, for everybody who waits: `scope` ends with the last of them, and has no viewer where the read is public. The result has each key's records, null for what does not exist, or that key's own failure; a key that is missing counts as null. */
  fetch(keys: readonly K[], scope: S): Promise<ReadonlyMap<K, P | null | AppError>>;
}

/**
 * Each record of a key, with its provenance; or why that one alone could not be had: a product is kept for a day and its
 * price for minutes, so a long outage leaves the one without the other. Where no record can be had, the key itself is an `AppError`.
 */
export type Kept<P extends object> = { readonly [N in keyof P]: Sourced<P[N]> | AppError };

/** Reads through the fallback cache. */
export interface ReadThrough<S extends ReadScope = ReadScope> {
  /** One result a key, in the keys' order: its records, null where it does not exist, or why it could not be had. Never rejects. */
  many<K, P extends object>(
    read: CachedRead<K, P, S>,
    keys: readonly K[],
    scope: S,
  ): Promise<ReadonlyArray<Kept<P> | null | AppError>>;
  /**
   * Drops these entries and all entries of these tags, in this process, in Redis and in every other replica's memory, before the
   * next read sees them. To be called after the write, whatever became of it: an answer that was lost may have been a success.
   */
  drop(targets: DropTargets): Promise<void>;
  /** Whether all that is in the log would be served again as it was. */
  stillServes(hits: HitLog): boolean;
}

export interface DropTargets {
  readonly viewerId: string | null;
  /** All entries of these reads that belong to `viewerId`; where that is null, all of these public reads. */
  readonly reads?: readonly string[];
  /** Whoever's the entries are. */
  readonly tags?: readonly string[];
  /** Whether the write that may change them may still be under way in its service: then what is the viewer's is dropped again and again, for a minute. */
  readonly isUnsettled?: boolean;
}
