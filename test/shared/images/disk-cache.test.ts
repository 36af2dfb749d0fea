import { fork } from 'node:child_process';
import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDiskCache, type DiskCacheOptions } from '../../../shared/images/disk-cache.ts';
import { decodeDiskEntry } from '../../../shared/images/disk-entry.ts';
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

function bytes(text: string): Buffer[] {
  return [Buffer.from(text)];
}

/** All files, as paths below the folder. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
}

describe('the cache on disk', () => {
  it('gives back what was put, to this run and the next', async () => {
    const directory = createTemporaryFolder();
    const first = await openCache(directory);
    await first.write('key-1', bytes('one'));
    expect(String(await first.read('key-1'))).toBe('one');
    expect(await first.read('key-2')).toBeNull();
    await first.close();
    const second = await openCache(directory);
    expect(String(await second.read('key-1'))).toBe('one');
    expect(second.usedBytes()).toBe(4096);
  });

  it('gives the path of a file that is opened by name, as one use of it', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory, { maxBytes: 2 * 4096 });
    await cache.write('a', [Buffer.from('in '), Buffer.from('parts')], { isSynced: true });
    await cache.write('b', bytes('b'));
    const path = (await cache.find('a')) ?? '';
    expect(readFileSync(path, 'utf8')).toBe('in parts');
    await cache.write('c', bytes('c'));
    expect(await cache.find('b')).toBeNull();
    await cache.remove('a');
    expect([await cache.find('a'), cache.usedBytes()]).toEqual([null, 4096]);
  });

  it('is for this user alone', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory);
    await cache.write('key', bytes('one'));
    const modes = filesIn(directory).map((file) => statSync(file).mode & 0o077);
    expect(modes).toEqual([0]);
  });

  it('stays within its bytes, and keeps what was used last', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory, { maxBytes: 5 * 4096 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await cache.write(key, bytes(key));
    await cache.read('a');
    await cache.write('f', bytes('f'));
    expect(await cache.read('b')).toBeNull();
    expect(String(await cache.read('a'))).toBe('a');
    expect(filesIn(directory)).toHaveLength(5);
    expect(cache.usedBytes()).toBe(5 * 4096);
  });

  it('stays within its bytes when it is opened smaller, and drops what earlier runs used longest ago', async () => {
    const directory = createTemporaryFolder();
    const first = await openCache(directory);
    for (const key of ['a', 'b', 'c']) await first.write(key, bytes(key));
    await first.close();
    for (const file of filesIn(directory)) utimesSync(file, 1000, file.endsWith('b') ? 500 : 1000);
    const second = await openCache(directory, { maxBytes: 2 * 4096 });
    expect(await second.read('b')).toBeNull();
    expect(String(await second.read('a'))).toBe('a');
    expect(filesIn(directory)).toHaveLength(2);
  });

  it('writes down the use of a file once an hour, for the runs to come', async () => {
    const directory = createTemporaryFolder();
    const clock = createFakeClock();
    const cache = await openCache(directory, { clock });
    await cache.write('a', bytes('a'));
    const [file = ''] = filesIn(directory);
    const usedMs = async () => {
      await cache.read('a');
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
    await cache.write('a', bytes('a'));
    expect(await cache.write('big', [Buffer.alloc(10_000)])).toBe(false);
    expect(await cache.read('big')).toBeNull();
    expect(String(await cache.read('a'))).toBe('a');
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
    await other.write('a', bytes('a'));
    await other.write('b', bytes('b'));
    expect(String(await one.read('a'))).toBe('a');
    expect(one.usedBytes()).toBe(4096);
    await clock.advance(1000);
    await expect.poll(() => one.usedBytes()).toBe(8192);
  });

  it('shares its bytes: what others wrote is counted after a quarter of them, and not only in time', async () => {
    const directory = createTemporaryFolder();
    const options = { maxBytes: 16 * 4096 };
    const caches = [await openCache(directory, options), await openCache(directory, options)];
    for (const [index, cache] of caches.entries()) {
      for (let number = 0; number < 16; number += 1) await cache.write(`${index}-${number}`, bytes('x'));
    }
    await expect.poll(() => filesIn(directory).length).toBeLessThanOrEqual(20);
    expect(String(await caches[1]?.read('1-15'))).toBe('x');
  });

  it('loses nothing when many write the same name at once', async () => {
    const directory = createTemporaryFolder();
    const caches = await Promise.all(Array.from({ length: 4 }, () => openCache(directory)));
    const body = Buffer.alloc(300_000, 7);
    await Promise.all(caches.flatMap((cache) => Array.from({ length: 5 }, () => cache.write('a', [body]))));
    for (const cache of caches) expect((await cache.read('a'))?.equals(body)).toBe(true);
    expect(filesIn(directory)).toHaveLength(1);
  });

  it('survives a file that goes away under it', async () => {
    const directory = createTemporaryFolder();
    const [one, other] = await Promise.all([openCache(directory), openCache(directory, { maxBytes: 4096 })]);
    await one.write('a', bytes('a'));
    await other.read('a');
    await other.write('b', bytes('b'));
    expect(await one.read('a')).toBeNull();
    expect(one.usedBytes()).toBe(0);
  });

  it('says that it cannot write, and does not fail', async () => {
    const directory = createTemporaryFolder({ blocked: 'a file where a folder should be' });
    const cache = await openCache(join(directory, 'blocked'));
    expect(await cache.write('a', bytes('a'))).toBe(false);
    expect([await cache.read('a'), await cache.find('a')]).toEqual([null, null]);
    expect(cache.problems).toContain('a picture could not be written to the cache');
  });

  it('takes nothing more once it is closed', async () => {
    const directory = createTemporaryFolder();
    const cache = await openCache(directory);
    await cache.close();
    await cache.write('a', bytes('a'));
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
