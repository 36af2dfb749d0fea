import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDiskCache } from '../../../shared/images/disk-cache.ts';
import { decodeDiskEntry, encodeDiskEntry } from '../../../shared/images/disk-entry.ts';
import { createVariantCache, type KeptVariant } from '../../../shared/images/variant-cache.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const picture: Omit<KeptVariant, 'contentType'> = {
  body: Buffer.from('a picture'),
  format: 'webp',
  originalKey: 'original',
  thumbhash: 'thumbhash',
};
const kept: KeptVariant = { ...picture, contentType: 'image/webp' };

/** A cache over a folder, and another that has nothing in memory yet. */
function open(directory = createTemporaryFolder()) {
  const disk = createDiskCache({ directory, maxBytes: 1_000_000 });
  onTestFinished(() => disk.close());
  const problems: string[] = [];
  const restart = () =>
    createVariantCache(disk, { maxMemoryBytes: 10_000, onProblem: (message) => problems.push(message) });
  const files = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name));
  return { disk, restart, problems, files };
}

describe('the cache of results', () => {
  it('has what was kept in memory at once, and on disk for the next run', async () => {
    const { disk, restart } = open();
    const cache = restart();
    cache.keep('key', picture);
    expect(cache.peek('key')).toEqual(kept);
    await disk.close();
    const next = restart();
    expect(next.peek('key')).toBeNull();
    expect(await next.read('key')).toEqual(kept);
    expect(next.peek('key')).toEqual(kept);
    expect(await next.read('other')).toBeNull();
  });

  it('stays within its bytes in memory', () => {
    const cache = open().restart();
    for (let index = 0; index < 20; index += 1) cache.keep(`${index}`, { ...picture, body: Buffer.alloc(1000) });
    const kept = Array.from({ length: 20 }, (_, index) => cache.peek(`${index}`)).filter((variant) => variant !== null);
    expect(kept).toHaveLength(6);
    expect(cache.peek('19')).not.toBeNull();
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
    [
      'of a format that we never wrote',
      (file: string) =>
        writeFileSync(
          file,
          Buffer.concat(
            encodeDiskEntry({
              labels: { format: 'constructor', originalKey: 'a', thumbhash: 'b' },
              body: picture.body,
            }),
          ),
        ),
    ],
  ])('never gives a file that is %s, and removes it', async (_what, damage) => {
    const { disk, restart, files, problems } = open();
    restart().keep('key', picture);
    await disk.close();
    for (const file of files()) damage(file);
    expect(await restart().read('key')).toBeNull();
    expect(files()).toEqual([]);
    expect(problems).toEqual(['a damaged picture was removed from the cache']);
  });

  it('does not take the bytes of another entry', () => {
    const one = encodeDiskEntry({ labels: {}, body: Buffer.from('one') });
    const two = encodeDiskEntry({ labels: {}, body: Buffer.from('two') });
    expect(decodeDiskEntry(Buffer.concat(one))?.body.toString()).toBe('one');
    expect(decodeDiskEntry(Buffer.concat([one[0], two[1]]))).toBeNull();
  });
});
