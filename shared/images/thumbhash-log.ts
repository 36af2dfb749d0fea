import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.ts';
import type { ThumbhashStore } from './thumbhash-store.ts';

export interface ThumbhashLog extends ThumbhashStore {
  /** Reads what was appended since the last time, by this process or another. */
  refresh(): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export interface ThumbhashLogOptions {
  /** Of the file; processes of one machine may share it. */
  readonly path: string;
  /** A pair takes 80 bytes in the file and about 250 in memory. */
  readonly maxEntries?: number;
  readonly refreshMs?: number;
  readonly clock?: Clock;
  readonly onProblem?: (message: string, cause: unknown) => void;
}

const linePattern = /^([A-Za-z0-9_-]{43}) ([A-Za-z0-9+/]{8,48}={0,2})$/;
const maxLineBytes = 96;
const chunkBytes = 64 * 1024;

/**
 * A `ThumbhashStore` in a file that is only appended to, read into memory as it grows: no server between the image process and
 * GraphQL, and no wait in a request. A line that a crash cut off is skipped; lines come whole, since one short write is one append.
 */
export function createThumbhashLog(options: ThumbhashLogOptions): ThumbhashLog {
  const { path, maxEntries = 50_000, refreshMs = 1000, clock = systemClock, onProblem = () => {} } = options;
  const known = new LRUCache<string, string>({ max: maxEntries });
  let position = { file: 0, offset: 0, rest: '' };
  // One step at a time: reading, appending and replacing the file would else cross.
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;
  let cancelRefresh = () => {};

  function inTurn(step: () => Promise<void>, problem: string): Promise<void> {
    waiting += 1;
    last = last
      .then(step)
      .catch((error: unknown) => onProblem(problem, error))
      .finally(() => {
        waiting -= 1;
      });
    return last;
  }

  async function read(): Promise<void> {
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (file === null) return;
    try {
      const { ino, size } = await file.stat();
      // Another process put a shorter file in its place.
      if (ino !== position.file || size < position.offset) position = { file: ino, offset: 0, rest: '' };
      const chunk = Buffer.allocUnsafe(chunkBytes);
      while (position.offset < size) {
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, position.offset);
        if (bytesRead === 0) break;
        position.offset += bytesRead;
        take(position.rest + chunk.toString('latin1', 0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }

  function take(text: string): void {
    const lines = text.split('\n');
    // What is not ended yet may still be; a rest that is longer than any line is none of ours.
    position.rest = (lines.pop() ?? '').slice(-maxLineBytes);
    for (const line of lines) {
      const [, key, thumbhash] = linePattern.exec(line) ?? [];
      if (key !== undefined && thumbhash !== undefined) known.set(key, thumbhash);
    }
  }

  async function append(line: string): Promise<void> {
    await read();
    // A line feed first: whatever a crash left before us must not swallow our line.
    await appendFile(path, `\n${line}\n`, { mode: 0o600 }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await appendFile(path, `\n${line}\n`, { mode: 0o600 });
    });
    if ((await stat(path)).size > 2 * maxEntries * maxLineBytes) await compact();
  }

  /** Lines that another process appends meanwhile are lost; it writes them again when it next serves such a picture. */
  async function compact(): Promise<void> {
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    const lines = [...known].reverse().map(([key, thumbhash]) => `${key} ${thumbhash}\n`);
    await writeFile(draft, lines, { mode: 0o600, flag: 'wx' });
    await rename(draft, path);
  }

  function schedule(): void {
    if (isClosed) return;
    cancelRefresh = clock.schedule(refreshMs, () => {
      // A disk that hangs must not gather steps.
      if (waiting === 0) void inTurn(read, 'the thumbhashes could not be read');
      schedule();
    });
  }

  void inTurn(read, 'the thumbhashes could not be read');
  schedule();

  return {
    async getMany(keys) {
      return keys.map((key) => known.get(key) ?? null);
    },
    set(key, thumbhash) {
      const line = `${key} ${thumbhash}`;
      if (isClosed || known.get(key) === thumbhash || !linePattern.test(line) || waiting >= 1000)
        return Promise.resolve();
      known.set(key, thumbhash);
      return inTurn(() => append(line), 'a thumbhash could not be written');
    },
    refresh: () => inTurn(read, 'the thumbhashes could not be read'),
    async close() {
      isClosed = true;
      cancelRefresh();
      await last;
    },
  };
}
