import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs the peers of a folder of ours where they are not. @throws Error - the install failed */
export function installPeers(home: string): void {
  if (existsSync(join(home, 'node_modules'))) return;
  console.log(`Installing the peers (npm ci in ${relative(process.cwd(), home)}) ...`);
  run('npm', ['ci'], home);
}

/** Installs the peers where they are not, and builds our servers as production runs them. @throws Error - the install failed */
export function prepareTree(): void {
  installPeers(folder);
  console.log('Building our servers (npm run build) ...');
  try {
    run('npm', ['run', 'build'], fileURLToPath(new URL('..', import.meta.url)));
  } catch (error) {
    console.log(`${String(error)}\nOur servers run from the sources or from an older build.`);
  }
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${`${stdout}${stderr}`.trim().slice(-2000)}`);
}
