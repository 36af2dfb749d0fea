import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { repositoryRoot } from '../support/source-files.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

test('the image process by itself says where it serves, bounds what strangers write into its log, and says that it ends', async () => {
  const alone = spawn(process.execPath, ['bffs/mobile/images.ts'], {
    cwd: repositoryRoot,
    env: { ...process.env, NODE_ENV: 'development', IMAGE_PORT: '0', IMAGE_CACHE_DIR: createTemporaryFolder() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void alone.kill('SIGKILL'));
  const lines: Record<string, unknown>[] = [];
  createInterface(alone.stdout).on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  const find = (message: string) => lines.filter(({ msg }) => msg === message);

  await expect.poll(() => find('serving'), { timeout: 15_000 }).toHaveLength(1);
  const [serving] = find('serving');
  expect(serving).toMatchObject({ server: 'images', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });

  const ask = async () => (await fetch(`${String(serving?.['url'])}/images/x/y/z`)).status;
  expect(new Set(await Promise.all(Array.from({ length: 200 }, ask)))).toEqual(new Set([403]));
  const told = () => {
    const refused = find('images').filter(({ type }) => type === 'refused').length;
    const leftOut = find('images').flatMap(({ type, count }) => (type === 'left-out' ? [Number(count)] : []));
    return { refused, all: refused + leftOut.reduce((sum, count) => sum + count, 0) };
  };
  await expect.poll(() => told().all, { timeout: 5000 }).toBe(200);
  expect(told().refused).toBeLessThan(100);

  alone.kill('SIGTERM');
  const [code] = (await once(alone, 'exit')) as [number | null];
  await expect.poll(() => find('ending')).toEqual([expect.objectContaining({ manner: 'drain' })]);
  expect(code).toBe(0);
});
