import { createServer } from 'node:net';
import { isPortFree } from '../../scripts/ports.ts';

/** A port that was free a moment ago, for programs that must be told theirs. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port.')),
      );
    });
  });
}

/** A port for the demo shop: the ones above it that its services take are free too. */
export async function findShopPort(): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 100) * 100;
    const offsets = [0, 80, ...[10, 20, 30, 40, 50, 60].flatMap((first) => [first, first + 1])];
    const free = await Promise.all(offsets.map((offset) => isPortFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}
