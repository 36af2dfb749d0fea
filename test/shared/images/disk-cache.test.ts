import { fork } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDiskCache, type DiskCacheOptions } from '../../../shared/images/disk-cache.ts';
import { decodeDiskEntry, encodeDiskEntry } from '../../../shared/images/disk-entry.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

async function openCache(directory: string, options: Partial<DiskCacheOptions> = {}) {
  const problems: string[] = [];
  const cache = createDiskCache({
    directory,
    maxBytes: 1_000_000,
    onProblem: (message) => problems.push(message),
    ...options,
  });
  onTestFinished(() => cache.close());
  await cache.recovered;
  return { ...cache, usedBytes: () => cache.usedBytes, problems };
}

function entry(text: string) {
  return { labels: { name: text }, body: Buffer.from(text) };
}

/** All files, as paths below the folder. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
}

describe('the cache on disk', () => {
  it('gives back what was put, with its labels, to this run and the next', async () => {
    const directory = createTemporaryFolder();
    const first = await openCache(directory);
    await first.put('key-1', entry('one'));
    expect(await first.get('key-1')).toEqual(entry('one'));
    expect(await first.get('key-2')).toBeNull();
    await first.close();
    const second = await openCache(directory);
    expect(await second.get('key-1')).toEqual(entry('one'));
    expect(second.usedBytes()).toBe(4096);
  });

  it('is for this user alone', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory);
    await cache.put('key', entry('one'));
    const modes = filesIn(directory).map((file) => statSync(file).mode & 0o077);
    expect(modes).toEqual([0]);
  });

  it('stays within its bytes, and keeps what was used last', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory, { maxBytes: 5 * 4096 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await cache.put(key, entry(key));
    await cache.get('a');
    await cache.put('f', entry('f'));
    expect(await cache.get('b')).toBeNull();
    expect(await cache.get('a')).toEqual(entry('a'));
    expect(filesIn(directory)).toHaveLength(5);
    expect(cache.usedBytes()).toBe(5 * 4096);
  });

  it('stays within its bytes when it is opened smaller, and drops what earlier runs used longest ago', async () => {
    const directory = createTemporaryFolder();
    const first = await openCache(directory);
    for (const key of ['a', 'b', 'c']) await first.put(key, entry(key));
    await first.close();
    for (const file of filesIn(directory)) utimesSync(file, 1000, file.endsWith('b') ? 500 : 1000);
    const second = await openCache(directory, { maxBytes: 2 * 4096 });
    expect(await second.get('b')).toBeNull();
    expect(await second.get('a')).toEqual(entry('a'));
    expect(filesIn(directory)).toHaveLength(2);
  });

  it('writes down the use of a file once an hour, for the runs to come', async () => {
    const directory = createTemporaryFolder();
    const clock = createFakeClock();
    const cache = await openCache(directory, { clock });
    await cache.put('a', entry('a'));
    const [file = ''] = filesIn(directory);
    const usedMs = async () => {
      await cache.get('a');
      await cache.close();
      return statSync(file).mtimeMs;
    };
    const first = await usedMs();
    expect(first).toBe(clock.wallMs());
    await clock.advance(3_599_999);
    expect(await usedMs()).toBe(first);
    await clock.advance(1);
    expect(await usedMs()).toBe(clock.wallMs());
  });

  it('does not take what is larger than all of it', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory, { maxBytes: 8192 });
    await cache.put('a', entry('a'));
    await cache.put('big', { labels: {}, body: Buffer.alloc(10_000) });
    expect(await cache.get('big')).toBeNull();
    expect(await cache.get('a')).toEqual(entry('a'));
  });

  it.each([
    ['cut off', (file: string) => truncateSync(file, statSync(file).size - 1)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['of zeros, as after a loss of power', (file: string) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
    [
      'changed in one bit',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
    ['of another version', (file: string) => writeFileSync(file, '{"format":2}\nabc')],
    ['no entry at all', (file: string) => writeFileSync(file, 'x'.repeat(5000))],
    ['JSON of null', (file: string) => writeFileSync(file, 'null\nabc')],
  ])('never gives a file that is %s, and removes it', async (_what, damage) => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory);
    await cache.put('a', entry('a picture'));
    const [file = ''] = filesIn(directory);
    damage(file);
    expect(await cache.get('a')).toBeNull();
    expect(filesIn(directory)).toEqual([]);
    expect(cache.problems).toEqual(['a damaged picture was removed from the cache']);
    await cache.put('a', entry('a picture'));
    expect(await cache.get('a')).toEqual(entry('a picture'));
  });

  it('removes what a process that died left half written, and leaves what another is writing', async () => {
    const directory = createTemporaryFolder({ 'tmp/1-dead': 'half', 'tmp/2-alive': 'half' });
    utimesSync(join(directory, 'tmp/1-dead'), 1, 1);
    await openCache(directory);
    expect(filesIn(directory)).toEqual([join(directory, 'tmp/2-alive')]);
  });

  it('shares its folder: one process sees what another wrote, and counts it at the next scan', async () => {
    const directory = createTemporaryFolder();
    const clock = createFakeClock();
    const [one, other] = await Promise.all([openCache(directory, { clock, rescanMs: 1000 }), openCache(directory)]);
    await other.put('a', entry('a'));
    await other.put('b', entry('b'));
    expect(await one.get('a')).toEqual(entry('a'));
    expect(one.usedBytes()).toBe(4096);
    await clock.advance(1000);
    await expect.poll(() => one.usedBytes()).toBe(8192);
  });

  it('loses nothing when many write the same name at once', async () => {
    const directory = createTemporaryFolder();
    const caches = await Promise.all(Array.from({ length: 4 }, () => openCache(directory)));
    const body = Buffer.alloc(300_000, 7);
    await Promise.all(caches.flatMap((cache) => Array.from({ length: 5 }, () => cache.put('a', { labels: {}, body }))));
    for (const cache of caches) expect((await cache.get('a'))?.body.equals(body)).toBe(true);
    expect(filesIn(directory)).toHaveLength(1);
  });

  it('survives a file that goes away under it', async () => {
    const directory = createTemporaryFolder();
    const [one, other] = await Promise.all([openCache(directory), openCache(directory, { maxBytes: 4096 })]);
    await one.put('a', entry('a'));
    await other.get('a');
    await other.put('b', entry('b'));
    expect(await one.get('a')).toBeNull();
    expect(one.usedBytes()).toBe(0);
  });

  it('says that it cannot write, and does not fail', async () => {
    const directory = createTemporaryFolder({ blocked: 'a file where a folder should be' });
    const cache = await openCache(join(directory, 'blocked'));
    await cache.put('a', entry('a'));
    expect(await cache.get('a')).toBeNull();
    expect(cache.problems).toContain('a picture could not be written to the cache');
  });

  it('takes nothing more once it is closed', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory);
    await cache.close();
    await cache.put('a', entry('a'));
    expect(filesIn(directory)).toEqual([]);
  });

  it('holds only whole files after a writer was killed at any moment', async () => {
    const directory = createTemporaryFolder();
    for (const entriesBefore of [1, 5, 20]) {
      const writer = fork(new URL('./disk-writer.ts', import.meta.url), [directory], { execArgv: [] });
      await new Promise<void>((resolve) => {
        writer.on('message', (written) => {
          if (written === entriesBefore) writer.kill('SIGKILL');
        });
        writer.once('exit', () => resolve());
      });
    }
    const named = filesIn(directory).filter((file) => !file.startsWith(join(directory, 'tmp')));
    expect(named.length).toBeGreaterThan(0);
    for (const file of named) expect(decodeDiskEntry(readFileSync(file))?.body).toHaveLength(2_000_000);
    const cache = await openCache(directory, { maxBytes: 100_000_000 });
    expect(cache.usedBytes()).toBeGreaterThanOrEqual(named.length * 2_000_000);
  });
});

describe('an entry of the cache', () => {
  it('whose header was swapped is nothing', () => {
    const [one, other] = [encodeDiskEntry(entry('one')), encodeDiskEntry(entry('two'))];
    const swapped = Buffer.concat([one.subarray(0, one.indexOf(10) + 1), other.subarray(other.indexOf(10) + 1)]);
    expect(decodeDiskEntry(one)).toEqual(entry('one'));
    expect(decodeDiskEntry(swapped)).toBeNull();
  });
});
