const blockBytes = 4096;

/** What a file takes on the disk; counting blocks also bounds how many small files there are. */
export function diskUsage(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / blockBytes)) * blockBytes;
}

export interface FoundFile {
  readonly name: string;
  readonly bytes: number;
  readonly usedMs: number;
}

export interface DiskIndex {
  add(name: string, bytes: number): void;
  /** Marks a file as used just now; false where the index does not know it. */
  use(name: string): boolean;
  delete(name: string): void;
  /** Takes out the files that were not used for longest, until the rest fits. */
  takeSurplus(): readonly string[];
  /** A point in time, for `reconcile`. */
  mark(): number;
  /** Takes over what a scan found that began at `mark`: files of other processes come in, files that are gone leave. */
  reconcile(found: readonly FoundFile[], mark: number): void;
  readonly usedBytes: number;
  readonly size: number;
}

interface Known {
  readonly usage: number;
  readonly addedAt: number;
  readonly usedMs: number;
}

/** Which files are in the cache, in the order of their last use; `nowMs` is the wall clock, as files have it. */
export function createDiskIndex(maxBytes: number, nowMs: () => number): DiskIndex {
  let files = new Map<string, Known>();
  let usedBytes = 0;
  let sequence = 0;

  function remove(name: string): void {
    usedBytes -= files.get(name)?.usage ?? 0;
    files.delete(name);
  }

  function insert(name: string, known: Known): void {
    remove(name);
    files.set(name, known);
    usedBytes += known.usage;
  }

  return {
    add(name, bytes) {
      sequence += 1;
      insert(name, { usage: diskUsage(bytes), addedAt: sequence, usedMs: nowMs() });
    },
    use(name) {
      const known = files.get(name);
      if (known === undefined) return false;
      files.delete(name);
      files.set(name, { ...known, usedMs: nowMs() });
      return true;
    },
    delete: remove,
    takeSurplus() {
      const surplus: string[] = [];
      for (const name of files.keys()) {
        if (usedBytes <= maxBytes) break;
        remove(name);
        surplus.push(name);
      }
      return surplus;
    },
    mark: () => sequence,
    reconcile(found, mark) {
      const before = files;
      const onDisk = new Set(found.map(({ name }) => name));
      const merged = new Map<string, Known>();
      for (const { name, bytes, usedMs } of found) {
        if (!before.has(name)) merged.set(name, { usage: diskUsage(bytes), addedAt: mark, usedMs });
      }
      // Of what this process knows it has seen the uses; a file tells them to the hour.
      for (const [name, known] of before) if (onDisk.has(name) || known.addedAt > mark) merged.set(name, known);
      files = new Map();
      usedBytes = 0;
      // By time and not by who knows what: each of two processes would take out what the other has just written.
      for (const [name, known] of [...merged].sort(([, a], [, b]) => a.usedMs - b.usedMs)) insert(name, known);
    },
    get usedBytes() {
      return usedBytes;
    },
    get size() {
      return files.size;
    },
  };
}
