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
}

/** Which files are in the cache, in the order of their last use. */
export function createDiskIndex(maxBytes: number): DiskIndex {
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
      insert(name, { usage: diskUsage(bytes), addedAt: sequence });
    },
    use(name) {
      const known = files.get(name);
      if (known === undefined) return false;
      files.delete(name);
      files.set(name, known);
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
      files = new Map();
      usedBytes = 0;
      for (const { name, bytes } of found.toSorted((a, b) => a.usedMs - b.usedMs)) {
        insert(name, { usage: diskUsage(bytes), addedAt: mark });
      }
      // What this process knows comes after what it found: it saw those files being used.
      for (const [name, known] of before) if (onDisk.has(name) || known.addedAt > mark) insert(name, known);
    },
    get usedBytes() {
      return usedBytes;
    },
    get size() {
      return files.size;
    },
  };
}
