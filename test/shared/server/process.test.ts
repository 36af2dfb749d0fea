import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '../../../shared/config/config-error.ts';
import { describeStartFailure } from '../../../shared/server/process.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const processModule = new URL('../../../shared/server/process.ts', import.meta.url).href;
const configModule = new URL('../../../shared/config/config-error.ts', import.meta.url).href;

interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly tookMs: number;
}

/** Runs a small program under runProcess; `use` may send signals once it says "ready". */
async function run(main: string, use: (child: ChildProcess) => void = () => {}): Promise<Finished> {
  const folder = createTemporaryFolder();
  const file = join(folder, 'main.mts');
  writeFileSync(
    file,
    `import { runProcess } from ${JSON.stringify(processModule)};\nimport { ConfigError } from ${JSON.stringify(configModule)};\nimport { createServer } from 'node:http';\n` +
      `const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));\n` +
      `await runProcess(async () => { ${main} });\n`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let startedAt = performance.now();
  const read = (chunk: Buffer) => {
    output += chunk.toString();
    if (chunk.toString().includes('ready')) {
      startedAt = performance.now();
      use(child);
    }
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, output, tookMs: performance.now() - startedAt };
}

const serving = `const server = createServer().listen(0); console.log('ready');`;

describe('a process that cannot start', () => {
  it('names the port that is in use, in one line without a stack trace', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    onTestFinished(() => void blocker.close());
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, output } = await run(
      `const server = createServer(); await new Promise((resolve, reject) => { server.once('error', reject); server.listen(${port}, '127.0.0.1', () => resolve(null)); }); return { close: async () => {} };`,
    );
    expect(code).toBe(1);
    expect(output).toBe(
      `Port ${port} is in use: stop the process that listens there, or set PORT (or ADMIN_PORT) to a free one.\n`,
    );
  });

  it('names every problem of its configuration', async () => {
    const { code, output } = await run(`throw new ConfigError(['PORT: must be a number', 'JWKS_URL: is not set']);`);
    expect(code).toBe(1);
    expect(output).toBe('2 settings must be corrected:\n  - PORT: must be a number\n  - JWKS_URL: is not set\n');
  });

  it.each([
    [Object.assign(new Error('x'), { code: 'EACCES', port: 80 }), 'Port 80 may not be opened'],
    [
      Object.assign(new Error('x'), { code: 'EADDRNOTAVAIL', address: '203.0.113.9' }),
      '203.0.113.9 is not an address of this machine',
    ],
    [new ConfigError(['X: is not set']), 'One setting must be corrected:\n  - X: is not set'],
    [new Error('schema is broken\n  at line 3'), 'The server could not start: schema is broken.'],
    [new Error('nobody answers.'), 'The server could not start: nobody answers.'],
    ['a string', 'The server could not start.'],
  ])('says what to do', (error, words) => {
    const message = describeStartFailure(error);
    expect(message.startsWith(words)).toBe(true);
    expect(message).not.toContain('    at ');
  });
});

describe('a running process', () => {
  it.each([
    ['SIGTERM', 'drain'],
    ['SIGINT', 'now'],
  ] as const)('closes on %s by "%s" and exits with 0', async (signal, manner) => {
    const { code, output } = await run(
      `${serving} return { close: async (manner) => { console.log('close ' + manner); server.close(); } };`,
      (child) => child.kill(signal),
    );
    expect(output).toContain(`close ${manner}`);
    expect(code).toBe(0);
  });

  it('hurries on a second signal', async () => {
    const { code, output, tookMs } = await run(
      `${serving} return { close: (manner) => { console.log('ready to close ' + manner); return manner === 'now' ? Promise.resolve() : later(60_000); } };`,
      (child) => child.kill('SIGTERM'),
    );
    expect(output).toContain('close now');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(2000);
  });

  it('is out within 2 s of SIGINT, whatever hangs', async () => {
    const { tookMs } = await run(`${serving} return { close: () => later(60_000) };`, (child) => child.kill('SIGINT'));
    expect(tookMs).toBeLessThan(2000);
  });

  it('lives on after a stray rejection, and tells of it', async () => {
    const { code, output } = await run(
      `${serving} setTimeout(() => void Promise.reject(new Error('stray')), 10); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100);
       return { close: async () => {}, onStray: (error, kind) => console.log(kind + ' ' + error.message) };`,
    );
    expect(output).toContain('rejection stray');
    expect(code).toBe(0);
  });

  it('ends after an exception that nobody caught, with exit code 1', async () => {
    const { code, output } = await run(
      `${serving} setTimeout(() => { throw new Error('broken'); }, 10); return { close: async () => {}, onStray: (error, kind) => console.log(kind + ' ' + error.message) };`,
    );
    expect(output).toContain('exception broken');
    expect(code).toBe(1);
  });

  it('does so, too, where closing takes longer than it may', async () => {
    const { code } = await run(
      `${serving} setTimeout(() => { throw new Error('broken'); }, 10); return { close: () => later(60_000) };`,
    );
    expect(code).toBe(1);
  });

  it('says what nobody caught before there was a service, and ends with exit code 1 after an exception', async () => {
    const { code, output } = await run(
      `void Promise.reject(new Error('stray')); setTimeout(() => { throw new Error('broken'); }, 50); return later(60_000) as never;`,
    );
    expect(output).toBe('While the server starts, nobody caught: Error: stray\nThe server could not start: broken.\n');
    expect(code).toBe(1);
  });
});
