import { randomBytes } from 'node:crypto';
import { mkdir, opendir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.ts';
import { createDiskIndex, diskUsage, type FoundFile } from './disk-index.ts';

export interface DiskCache {
  /** The file's bytes; null for what is not there or cannot be read. */
  read(key: string): Promise<Buffer | null>;
  /** The file's path, to be opened at once: it may be removed at any time. Null for what is not there. */
  find(key: string): Promise<string | null>;
  /** Keeps a file, written from these parts; false where it could not be, as a cache that cannot write is only a slower one. */
  write(key: string, parts: readonly Buffer[], options?: WriteOptions): Promise<boolean>;
  remove(key: string): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
  /** Settles when the files of earlier runs are counted. */
  readonly recovered: Promise<void>;
  /** On the disk, in blocks. */
  readonly usedBytes: number;
}

export interface WriteOptions {
  /**
   * Whether the bytes are on the disk before the file has its name. Without it, after a loss of power a file may hold
   * anything, so that its reader needs a checksum.
   */
  readonly isSynced?: boolean;
}

export interface DiskCacheOptions {
  readonly directory: string;
  /** Where several processes share the folder, each may write a quarter more before it counts what the others wrote. */
  readonly maxBytes: number;
  /** How often the folder is read again, at least, to count what other processes wrote and removed. */
  readonly rescanMs?: number;
  readonly clock?: Clock;
  readonly onProblem?: (message: string, cause: unknown) => void;
}

// A file is renamed into place within seconds; an older one was left by a process that died.
const staleTempMs = 60_000;
// The order of use survives a restart to the hour; touching a file at each use would write to the disk at each read.
const touchEveryMs = 3_600_000;
// Of all its bytes, written by this process: then the folder is read again, as other processes may have written as much.
const rescanShare = 0.25;
// Past this many the disk is not keeping up, and each holds a picture in memory.
const maxWrites = 64;

/**
 * A cache of files on disk, bounded in bytes: those that were not used for longest go first. Keys are Base64url. Safe with other
 * processes on the same folder and with a crash at any point, since a file gets its name only when it is whole.
 */
export function createDiskCache(options: DiskCacheOptions): DiskCache {
  const { directory, maxBytes, rescanMs = 600_000, clock = systemClock, onProblem = () => {} } = options;
  const index = createDiskIndex(maxBytes, () => clock.wallMs());
  const temporary = join(directory, 'tmp');
  const touched = new LRUCache<string, number>({ max: 10_000 });
  const pending = new Set<Promise<unknown>>();
  let isClosed = false;
  let isScanning = false;
  let uncountedBytes = 0;
  let cancelRescan = () => {};

  const pathOf = (key: string) => join(directory, shardOf(key), key);

  function track<T>(work: Promise<T>): Promise<T> {
    pending.add(work);
    const settle = () => pending.delete(work);
    work.then(settle, settle);
    return work;
  }

  async function evict(): Promise<void> {
    for (const name of index.takeSurplus()) {
      await rm(pathOf(name), { force: true });
    }
  }

  async function write(key: string, parts: readonly Buffer[], isSynced: boolean): Promise<boolean> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes > maxBytes) return false;
    const draft = join(temporary, `${process.pid}-${randomBytes(9).toString('base64url')}`);
    try {
      await inFolder(temporary, () => writeFile(draft, parts, { mode: 0o600, flag: 'wx', flush: isSynced }));
      await inFolder(join(directory, shardOf(key)), () => rename(draft, pathOf(key)));
      index.add(key, bytes);
      uncountedBytes += diskUsage(bytes);
      if (isRescanDue()) void track(rescan());
      await evict();
      return true;
    } catch (error) {
      onProblem('a picture could not be written to the cache', error);
      await rm(draft, { force: true }).catch(() => {});
      return false;
    }
  }

  /** A name that the index does not know may still be there: another process wrote it, or the first scan is not done. */
  function use(key: string, bytes: number): void {
    if (!index.use(key)) index.add(key, bytes);
    touch(key);
  }

  function miss(key: string, error: NodeJS.ErrnoException): null {
    index.delete(key);
    if (error.code !== 'ENOENT') onProblem('a picture could not be read from the cache', error);
    return null;
  }

  function touch(key: string): void {
    const nowMs = clock.wallMs();
    if (nowMs - (touched.get(key) ?? 0) < touchEveryMs) return;
    touched.set(key, nowMs);
    void track(utimes(pathOf(key), nowMs / 1000, nowMs / 1000).catch(() => {}));
  }

  function isRescanDue(): boolean {
    return uncountedBytes > rescanShare * maxBytes;
  }

  async function rescan(): Promise<void> {
    if (isScanning || isClosed) return;
    isScanning = true;
    cancelRescan();
    uncountedBytes = 0;
    try {
      const mark = index.mark();
      await sweepDrafts(temporary, clock.wallMs() - staleTempMs);
      const found = await scan(directory, () => isClosed);
      if (isClosed) return;
      index.reconcile(found, mark);
      await evict();
    } catch (error) {
      onProblem('the folder of the cache could not be read', error);
    } finally {
      isScanning = false;
    }
    if (isRescanDue()) await rescan();
    else if (!isClosed) cancelRescan = clock.schedule(rescanMs, () => void track(rescan()));
  }

  return {
    async read(key) {
      try {
        const file = await readFile(pathOf(key));
        use(key, file.length);
        return file;
      } catch (error) {
        return miss(key, error as NodeJS.ErrnoException);
      }
    },

    async find(key) {
      try {
        use(key, (await stat(pathOf(key))).size);
        return pathOf(key);
      } catch (error) {
        return miss(key, error as NodeJS.ErrnoException);
      }
    },

    write(key, parts, { isSynced = false } = {}) {
      if (isClosed || pending.size >= maxWrites) return Promise.resolve(false);
      return track(write(key, parts, isSynced));
    },

    async remove(key) {
      index.delete(key);
      await rm(pathOf(key), { force: true }).catch(() => {});
    },

    async close() {
      isClosed = true;
      cancelRescan();
      await Promise.allSettled(pending);
    },

    recovered: track(rescan()),

    get usedBytes() {
      return index.usedBytes;
    },
  };
}

/** Sixty-four folders: a flat one with a quarter of a million files is slow to list. */
function shardOf(key: string): string {
  return `s${key.charCodeAt(0) % 64}`;
}

async function inFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await action();
  }
}

async function scan(directory: string, isStopped: () => boolean): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (let shard = 0; shard < 64 && !isStopped(); shard += 1) {
    const folder = join(directory, `s${shard}`);
    for await (const name of namesIn(folder)) {
      const file = await stat(join(folder, name)).catch(() => null);
      if (file?.isFile()) found.push({ name, bytes: file.size, usedMs: file.mtimeMs });
    }
  }
  return found;
}

async function sweepDrafts(folder: string, beforeMs: number): Promise<void> {
  for await (const name of namesIn(folder)) {
    const path = join(folder, name);
    const file = await stat(path).catch(() => null);
    if (file !== null && file.mtimeMs < beforeMs) await rm(path, { force: true });
  }
}

async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(folder)) yield entry.name;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
