import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { copyTree } from '../../scripts/tree-copy.ts';
import { findFreePort, findShopPort } from '../support/free-port.ts';
import { repositoryRoot } from '../support/source-files.ts';

const timeoutMs = 120_000;

it(
  'npm run dev generates and starts again what a change asks for, and outlives a mistake',
  async () => {
    const copy = copyTree(repositoryRoot);
    onTestFinished(copy.remove);
    const webPort = await findFreePort();
    const child = spawn(process.execPath, ['scripts/dev.ts'], {
      cwd: copy.root,
      env: {
        ...process.env,
        DEMO_PORT_BASE: String(await findShopPort()),
        MOBILE_PORT: String(await findFreePort()),
        WEB_PORT: String(webPort),
        IMAGE_PORT: String(await findFreePort()),
        NODE_ENV: 'development',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const waitFor = async (read: () => unknown, text: string) => {
      await expect.poll(read, { timeout: 50_000, interval: 100 }).toContain(text);
    };
    await waitFor(() => output, 'Ctrl-C ends everything.');

    writeFileSync(join(copy.root, 'schema/web/weather.graphql'), 'extend type Query { weather: String }');
    const readSdl = () => fetch(`http://127.0.0.1:${webPort}/schema.graphql`).then((answer) => answer.text(), String);
    await waitFor(readSdl, 'weather: String');

    const server = join(copy.root, 'bffs/web/server.ts');
    const text = readFileSync(server, 'utf8');
    writeFileSync(server, `throw new Error('a mistake');\n${text}`);
    await waitFor(() => output, 'It is started again after the next change.');
    expect(output).toContain('a mistake');
    output = '';
    writeFileSync(server, text);
    await waitFor(() => output, 'Started web');

    child.kill('SIGINT');
    await once(child, 'close');
    expect(child.exitCode).toBe(0);
  },
  timeoutMs,
);
