import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCacheDirectory } from '../../../shared/images/cache-directory.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

describe('the folder of the cache', () => {
  it('is made with those that it is in, for this user alone', async () => {
    const folder = createTemporaryFolder();
    for (let times = 0; times < 2; times += 1) await openCacheDirectory(join(folder, 'a', 'b', 'c'));
    const modes = ['a', 'a/b', 'a/b/c'].map((path) => statSync(join(folder, path)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700, 0o700]);
  });

  it('is made once by several at a time', async () => {
    const folder = createTemporaryFolder();
    await Promise.all(Array.from({ length: 8 }, () => openCacheDirectory(join(folder, 'a', 'b'))));
    expect(statSync(join(folder, 'a', 'b')).isDirectory()).toBe(true);
  });

  it.each([
    ['where the system takes no folders', () => '/proc/shop-bff-images'],
    ['below a place that takes none', () => '/proc/shop-bff/images'],
    ['where a file is', () => join(createTemporaryFolder({ taken: '' }), 'taken')],
    ['below a file', () => join(createTemporaryFolder({ taken: '' }), 'taken', 'images')],
  ])('%s is refused at once, with what to do', async (_where, directory) => {
    await expect(openCacheDirectory(directory())).rejects.toThrow(/cannot be written: set the folder/);
  });
});
