// A process that writes to the cache until it is killed.
import { createDiskCache } from '../../../shared/images/disk-cache.ts';
import { encodeDiskEntry } from '../../../shared/images/disk-entry.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: disk-writer.ts <folder>');
const cache = createDiskCache({ directory, maxBytes: 100_000_000 });
for (let written = 1; written <= 1000; written += 1) {
  const writes = Array.from({ length: 4 }, (_, index) =>
    cache.write(
      `key-${process.pid}-${(written + index) % 8}`,
      encodeDiskEntry({ labels: {}, body: Buffer.alloc(2_000_000, written) }),
    ),
  );
  process.send?.(written);
  await Promise.all(writes);
}
