import { expect, it } from 'vitest';
import { runCommand } from '../../scripts/command.ts';
import { isPortFree } from '../../scripts/ports.ts';
import { findFreePort } from '../support/free-port.ts';

const node = (code: string) => [process.execPath, '--eval', code];

it('gives back what a program wrote and how it ended', async () => {
  const result = await runCommand(node("console.log('out'); console.error('err'); process.exit(3)"), {
    timeoutMs: 5000,
  });
  expect(result.exitCode).toBe(3);
  expect(result.output.split('\n').toSorted()).toEqual(['', 'err', 'out']);
});

it('stops a program that takes too long, with all that it has started, and says so', async () => {
  const port = await findFreePort();
  const server = `require('node:http').createServer().listen(${port}, () => console.log('up'))`;
  const code = `require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(server)}], { stdio: 'inherit' })`;
  const result = await runCommand(node(code), { timeoutMs: 1000 });
  expect(result.exitCode).toBe(1);
  expect(result.output).toContain('was stopped after 1 s');
  await expect.poll(() => isPortFree(port)).toBe(true);
});

it('says so when there is no such program', async () => {
  const result = await runCommand(['no-such-program-here'], { timeoutMs: 5000 });
  expect(result.exitCode).toBe(127);
  expect(result.output).toContain('no-such-program-here could not be started');
});
