import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startShop } from '../../demo/shop.ts';
import { createImageSigner } from '../../shared/images/signed-url.ts';
import { askAll } from './client.ts';
import { median, table, verdict } from './figures.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { benchWidths } from './optimizer-under-test.ts';
import type { Media, Photograph } from './photographs.ts';
import { shopEnvironment } from './shop-environment.ts';

const seconds = 10;
const queriesPerSecond = 20;
const homeQuery = '{ home { recommendations(first: 10) { name image(size: CARD) { url srcSet width height } } } }';
const keys = [{ id: 'bench', secret: 'only-for-measuring-0123456789abcdef' }];

/** How late the event loop of the phone's server runs while the image process beside it has all the work it can take. */
export async function measureGraphqlDelay(
  photographs: readonly Photograph[],
  media: Media,
  rounds: number,
): Promise<void> {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'shop-bff-bench-'));
  const shop = await startShop({ instances: 1, ports: 'ephemeral' });
  const imagePort = 20_000 + (process.pid % 20_000);
  const mobile = await startMeasured(
    'mobile.ts',
    await shopEnvironment(shop, {
      IMAGE_PORT: String(imagePort),
      IMAGE_PRIVATE_ORIGINS: media.url,
      IMAGE_CACHE_DIR: cacheDirectory,
    }),
  );
  const signer = createImageSigner({ keys, baseUrl: `http://127.0.0.1:${imagePort}`, basePath: '/images' });
  const delays = { idle: [] as number[], loaded: [] as number[] };
  try {
    await delayDuring(mobile, async () => {});
    for (let round = 0; round < rounds; round += 1) {
      delays.idle.push(await delayDuring(mobile, async () => {}));
      const ends = performance.now() + seconds * 1000;
      const urls = function* () {
        for (let number = 0; performance.now() < ends; number += 1) {
          const photograph = photographs[number % photographs.length];
          const width = benchWidths[Math.floor(number / photographs.length) % benchWidths.length];
          if (photograph === undefined || width === undefined) return;
          const version = `${round}-${Math.floor(number / (photographs.length * benchWidths.length))}`;
          yield signer.sign({ source: media.urlOf(photograph), version, width, fit: 'inside', format: 'avif' });
        }
      };
      delays.loaded.push(
        await delayDuring(mobile, () => askAll(urls(), { concurrency: 32, expected: [200, 429, 504] })),
      );
    }
  } finally {
    await mobile.stop();
    await shop.close();
    await rm(cacheDirectory, { recursive: true, force: true });
  }
  const [idle, loaded] = [median(delays.idle), median(delays.loaded)];
  process.stdout.write(
    `\n## GraphQL beside full image load (${queriesPerSecond} home screens a second, 32 misses at a time)\n\n`,
  );
  const rows = [
    ['no image load', idle.toFixed(1)],
    ['full image load', loaded.toFixed(1)],
  ];
  process.stdout.write(`${table(['event-loop delay of the phone’s server', 'p99 ms'], rows)}\n`);
  verdict('event-loop delay p99 under full image load', {
    figure: `${loaded.toFixed(1)} ms`,
    limit: '<= 20 ms',
    isMet: loaded <= 20,
  });
}

async function delayDuring(mobile: MeasuredProcess, load: () => Promise<unknown>): Promise<number> {
  await mobile.run('start');
  await Promise.all([load(), askHomeScreens(mobile.port)]);
  return Number(await mobile.run('p99'));
}

async function askHomeScreens(port: number): Promise<void> {
  const ends = performance.now() + seconds * 1000;
  while (performance.now() < ends) {
    const answered = fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: homeQuery }),
    }).then((response) => response.text());
    await Promise.all([answered, new Promise((resolve) => setTimeout(resolve, 1000 / queriesPerSecond))]);
  }
}
