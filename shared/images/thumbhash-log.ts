import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { growingLru } from '../memory.ts';
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

interface Known {
  readonly thumbhash: string;
  /** Which of the files that stood at the path had its line; null for none so far. */
  readonly file: number | null;
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
  const known = growingLru<Known>(maxEntries);
  // Counted, as a system gives the number of a file that is gone to the next one.
  let files = 0;
  let position = { inode: 0, offset: 0, rest: '' };
  const underWay = new Set<string>();
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
    if (file === null) {
      if (position.inode !== 0) startAt(0);
      return;
    }
    try {
      const { ino, size } = await file.stat();
      // Another process put a shorter file in its place.
      if (ino !== position.inode || size < position.offset) startAt(ino);
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

  /** Whoever tells what the file that is gone had, has it written again. */
  function startAt(inode: number): void {
    files += 1;
    position = { inode, offset: 0, rest: '' };
  }

  function take(text: string): void {
    const lines = text.split('\n');
    // What is not ended yet may still be; a rest that is longer than any line is none of ours.
    position.rest = (lines.pop() ?? '').slice(-maxLineBytes);
    for (const line of lines) {
      const [, key, thumbhash] = linePattern.exec(line) ?? [];
      if (key !== undefined && thumbhash !== undefined) known.set(key, { thumbhash, file: files });
    }
  }

  async function append(line: string): Promise<void> {
    // A line feed first: whatever a crash left before us must not swallow our line.
    await appendFile(path, `\n${line}\n`, { mode: 0o600 }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await appendFile(path, `\n${line}\n`, { mode: 0o600 });
    });
    // What is in the file is what was read from it, our own lines as well.
    await read();
    if (position.offset > 2 * maxEntries * maxLineBytes) await compact();
  }

  /** Lines that another process appends meanwhile are lost; it writes them again when it next serves such a picture. */
  async function compact(): Promise<void> {
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    const lines = [...known].reverse().map(([key, { thumbhash }]) => `${key} ${thumbhash}\n`);
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
      return keys.map((key) => known.get(key)?.thumbhash ?? null);
    },
    set(key, thumbhash) {
      const line = `${key} ${thumbhash}`;
      const before = known.get(key);
      const isInFile = before?.thumbhash === thumbhash && before.file === files;
      if (isClosed || isInFile || underWay.has(line) || !linePattern.test(line) || waiting >= 1000)
        return Promise.resolve();
      known.set(key, { thumbhash, file: null });
      underWay.add(line);
      return inTurn(() => append(line), 'a thumbhash could not be written').finally(() => underWay.delete(line));
    },
    refresh: () => inTurn(read, 'the thumbhashes could not be read'),
    async close() {
      isClosed = true;
      cancelRefresh();
      await last;
    },
  };
}
