import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isPortFree } from '../../scripts/ports.ts';
import { ProgramError, type ProgramSpec, Supervisor, type SupervisorOptions } from '../../scripts/supervisor.ts';
import { findFreePort } from '../support/free-port.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const listens =
  "import { createServer } from 'node:http';\ncreateServer((_, answer) => answer.end()).listen(process.env.PORT);\n";
const programs = {
  'polite.mjs': `${listens}process.once('SIGINT', () => { console.log('bye'); process.exit(0); });`,
  'stubborn.mjs': `${listens}process.on('SIGINT', () => {});`,
  'hanging.mjs': `${listens}process.on('SIGINT', () => { for (;;); });`,
  'mortal.mjs': `${listens}setTimeout(() => { console.error('no disk'); process.exit(7); }, 300);`,
  'broken.mjs': "console.error('no settings');\nprocess.exit(1);",
  'chatty.mjs': "console.error('two settings:\\n- PORT');\nprocess.exit(1);",
  'mute.mjs': 'setInterval(() => {}, 1000);',
};

async function prepare(options: Partial<SupervisorOptions> = {}) {
  const folder = createTemporaryFolder(programs);
  const lines: string[] = [];
  const death = Promise.withResolvers<ProgramError>();
  const supervisor = new Supervisor({
    onLine: (name, line) => lines.push(`${name}: ${line}`),
    onDeath: death.resolve,
    ...options,
  });
  onTestFinished(() => supervisor.end());
  const spec = async (name: keyof typeof programs): Promise<ProgramSpec & { port: number }> => {
    const port = await findFreePort();
    const env = { PORT: String(port) };
    return { name, script: join(folder, name), env, readyUrl: `http://127.0.0.1:${port}/`, port };
  };
  return { supervisor, spec, lines, folder, death: death.promise };
}

it('starts programs, shows what they say, and ends them', async () => {
  const { supervisor, spec, lines } = await prepare();
  const polite = await spec('polite.mjs');
  await supervisor.start(polite);
  expect((await fetch(polite.readyUrl)).status).toBe(200);
  await supervisor.end();
  expect(lines).toEqual(['polite.mjs: bye']);
  expect(await isPortFree(polite.port)).toBe(true);
});

it.each(['stubborn.mjs', 'hanging.mjs'] as const)('kills %s after the time it was given', async (name) => {
  const { supervisor, spec } = await prepare({ killAfterMs: 200 });
  const program = await spec(name);
  await supervisor.start(program);
  const startedMs = performance.now();
  await supervisor.end();
  expect(performance.now() - startedMs).toBeGreaterThan(190);
  expect(performance.now() - startedMs).toBeLessThan(2000);
  expect(await isPortFree(program.port)).toBe(true);
});

it('says which program died, after its last words', async () => {
  const { supervisor, spec, lines, death } = await prepare();
  await supervisor.start(await spec('polite.mjs'));
  await supervisor.start(await spec('mortal.mjs'));
  expect(await death).toEqual(new ProgramError('mortal.mjs ended with code 7.'));
  expect(lines).toEqual(['mortal.mjs: no disk']);
});

it('does not wait for a program that ended at its start, and gives the one reason that it named', async () => {
  const { supervisor, spec, lines } = await prepare();
  const reason = new ProgramError('broken.mjs ended with code 1: no settings');
  await expect(supervisor.start(await spec('broken.mjs'))).rejects.toThrow(reason);
  expect(lines).toEqual([]);
});

it('shows all that a program said that ended at its start with more than one line', async () => {
  const { supervisor, spec, lines } = await prepare();
  await expect(supervisor.start(await spec('chatty.mjs'))).rejects.toThrow('chatty.mjs ended with code 1.');
  expect(lines).toEqual(['chatty.mjs: two settings:', 'chatty.mjs: - PORT']);
});

it('shows only the complaints of a quiet program', async () => {
  const { supervisor, spec, lines, death } = await prepare();
  await supervisor.start({ ...(await spec('polite.mjs')), isQuiet: true });
  await supervisor.start({ ...(await spec('mortal.mjs')), isQuiet: true });
  expect((await death).message).toBe('mortal.mjs ended with code 7.');
  await supervisor.end();
  expect(lines).toEqual(['mortal.mjs: no disk']);
});

it('gives up on a program that does not become ready', async () => {
  const { supervisor, spec } = await prepare({ readyTimeoutMs: 300 });
  await expect(supervisor.start(await spec('mute.mjs'))).rejects.toThrow(/^mute\.mjs was not ready within 0\.3 s/);
});

it('takes the end of a program that was told to for no death, and starts it again', async () => {
  const deaths: string[] = [];
  const { supervisor, spec } = await prepare({ onDeath: ({ message }) => deaths.push(message) });
  await supervisor.start(await spec('polite.mjs'));
  await supervisor.end(['polite.mjs']);
  await supervisor.start(await spec('polite.mjs'));
  await supervisor.end();
  expect(deaths).toEqual([]);
});

it('leaves no program behind when the supervising process is killed', async () => {
  const { spec, folder } = await prepare();
  const started = await Promise.all([spec('polite.mjs'), spec('stubborn.mjs')]);
  const supervising = [
    `import { Supervisor } from ${JSON.stringify(join(repositoryRoot, 'scripts/supervisor.ts'))};`,
    'const supervisor = new Supervisor({ onLine() {}, onDeath() {} });',
    `for (const spec of ${JSON.stringify(started)}) await supervisor.start(spec);`,
    "console.log('all run');",
  ].join('\n');
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', supervising], { cwd: folder });
  onTestFinished(() => void parent.kill('SIGKILL'));
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  for (const { port } of started) await expect.poll(() => isPortFree(port), { timeout: 3000 }).toBe(true);
});
