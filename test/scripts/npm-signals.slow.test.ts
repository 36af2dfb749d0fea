import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { isPortFree } from '../../scripts/ports.ts';
import { findFreePort } from '../support/free-port.ts';
import { readSource, repositoryRoot } from '../support/source-files.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const { scripts } = JSON.parse(readSource('package.json')) as { scripts: Record<string, string> };
const longRunning = Object.entries(scripts).filter(([name]) => /^(start|dev)/.test(name));

it.each(longRunning)('npm run %s puts node in the place of the shell, which passes no signal on', (_name, script) => {
  expect(script).toMatch(/(^| )exec node /);
});

it('a server that npm started ends when npm is told to', async () => {
  const port = await findFreePort();
  const npm = spawn('npm', ['run', 'start:images'], {
    cwd: repositoryRoot,
    env: {
      ...process.env,
      NODE_ENV: 'development',
      IMAGE_PORT: String(port),
      IMAGE_CACHE_DIR: createTemporaryFolder(),
    },
    stdio: 'ignore',
    detached: true,
  });
  onTestFinished(() => {
    try {
      process.kill(-(npm.pid ?? 0), 'SIGKILL');
    } catch {
      // Nobody of the group is left, as it should be.
    }
  });
  const health = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ status }) => status,
      () => null,
    );
  await expect.poll(health, { timeout: 15_000 }).toBe(200);
  npm.kill('SIGTERM');
  const [code] = (await once(npm, 'exit')) as [number | null];
  expect([code, await isPortFree(port)]).toEqual([0, true]);
});
