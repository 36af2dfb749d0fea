import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startStack } from '../support/stack.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const home = readFileSync('schema/operations/mobile/home.graphql', 'utf8');

test('the image process shows in the figures and the health of the phone’s server', async () => {
  const logLines: string[] = [];
  const stack = await startStack({
    env: { IMAGE_PROCESS: 'child', IMAGE_BASE_URL: '', IMAGE_PORT: '0', IMAGE_CACHE_DIR: createTemporaryFolder() },
    logLines,
  });
  onTestFinished(() => stack.close());
  const { body } = await stack.askMobile(home);
  const [, base] = /"(http:\/\/localhost:\d+)\/images\//.exec(JSON.stringify(body)) ?? [];
  for (const path of ['/nothing', '/images/x/y/z']) await (await fetch(`${base}${path}`)).text();

  const read = async (path: string) => (await fetch(`${stack.mobileAdminUrl}${path}`)).text();
  await expect.poll(() => read('/metrics')).toContain('bff_image_requests_total{result="403"} 1');
  const text = await read('/metrics');
  for (const line of [
    'bff_image_requests_total{result="404"} 1',
    'bff_image_requests_total{result="hit"} 0',
    'bff_image_process_up 1',
    'bff_image_process_restarts_total 0',
  ]) {
    expect(text).toContain(line);
  }
  expect(JSON.parse(await read('/health'))).toMatchObject({ images: { process: 'up', restarts: 0 } });
  expect(logLines.filter((line) => line.includes('"type":"refused"'))).toHaveLength(2);
});
