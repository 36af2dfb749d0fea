import type { CachedRead, PartPolicy, ReadScope } from './cached-read.ts';
import { encodePart, entryKey, ownerPrefix } from './entry-key.ts';
import { retentionMs } from './freshness.ts';

/** What follows from a read's declaration, worked out once. */
export interface ReadPlan {
  readonly name: string;
  readonly service: string;
  readonly isViewer: boolean;
  readonly parts: readonly { readonly name: string; readonly policy: PartPolicy<unknown> }[];
  /** Within this of its fetching, all of a key's records are fresh. */
  readonly minFreshMs: number;
  /** Within this of its fetching, all of them are served without a word: fresh, or while they are refreshed. */
  readonly minServedMs: number;
  /** Until then, each of them may be shown when its service fails. */
  readonly minKeptMs: number;
  /** After this, nothing is done with an entry. */
  readonly retentionMs: number;
  /** Whether anything is kept at all; a read with no window is asked every time, by everybody for themselves. */
  readonly isKept: boolean;
  /** Whether one of the records has a default. */
  readonly hasDefault: boolean;
  /** Makes the keys of this read, for this viewer with this token's grants or (a public read) for everybody. */
  keysFor(scope: Pick<ReadScope, 'viewerId' | 'grants'>): (parts: readonly string[]) => string;
}

/** Keys of public reads that are remembered, so that a hit does not pay for making one anew and hashing it: 40 ns instead of 500. */
const maxRememberedKeys = 10_000;
/** The length of a shop's longest id; a search's text is not worth its place. */
const maxRememberedLength = 64;

const plans = new WeakMap<object, ReadPlan>();

/** The plan of this read; the same object every time. */
export function planOf<K, P extends object, S extends ReadScope>(read: CachedRead<K, P, S>): ReadPlan {
  const known = plans.get(read);
  if (known !== undefined) return known;
  const plan = createPlan(read);
  plans.set(read, plan);
  return plan;
}

function createPlan<K, P extends object, S extends ReadScope>(read: CachedRead<K, P, S>): ReadPlan {
  const parts = Object.entries<PartPolicy<unknown>>(read.parts).map(([name, policy]) => ({ name, policy }));
  if (parts.length === 0) throw new TypeError(`The read ${read.name} declares no parts.`);
  if (!(read.maxBatch >= 1)) throw new TypeError(`The read ${read.name} needs a maxBatch of at least 1.`);
  const windows = parts.map((part) => part.policy.windows);
  const retention = Math.max(...windows.map(retentionMs));
  const isViewer = read.audience === 'viewer';
  const encodedName = encodePart(read.name);
  const publicKeys = rememberingKeys(ownerPrefix(null) + encodedName);
  return {
    name: read.name,
    service: read.service,
    isViewer,
    parts,
    minFreshMs: Math.min(...windows.map((window) => window.freshForMs)),
    minServedMs: Math.min(...windows.map((window) => window.freshForMs + window.revalidateForMs)),
    minKeptMs: Math.min(...windows.map((window) => window.keepForMs)),
    retentionMs: retention,
    isKept: retention > 0,
    hasDefault: parts.some((part) => 'defaultValue' in part.policy),
    keysFor({ viewerId, grants = '' }) {
      if (!isViewer) return publicKeys;
      const prefix = ownerPrefix(viewerId) + encodePart(grants) + encodedName;
      return (keyParts) => entryKey(prefix, keyParts);
    },
  };
}

function rememberingKeys(prefix: string): (parts: readonly string[]) => string {
  const remembered = new Map<string, string>();
  return (parts) => {
    const [only] = parts;
    if (only === undefined || parts.length > 1 || only.length > maxRememberedLength) return entryKey(prefix, parts);
    const known = remembered.get(only);
    if (known !== undefined) return known;
    const key = entryKey(prefix, parts);
    if (remembered.size >= maxRememberedKeys) remembered.clear();
    remembered.set(only, key);
    return key;
  };
}
