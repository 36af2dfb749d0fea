import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A `redis-server` that can be started, wherever it comes from. */
export interface RedisProgram {
  start(args: readonly string[]): RedisProcess;
}

export interface RedisProcess {
  /** Resolves, with the last of its output, when it has ended. */
  readonly exited: Promise<string>;
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

const run = promisify(execFile);
const cacheFolder = fileURLToPath(new URL('../../node_modules/.cache/redis-server', import.meta.url));
const dockerImage = 'redis:7.4-alpine';

let found: Promise<RedisProgram> | undefined;

/**
 * Finds a real Redis: on the PATH, else by Docker, else Debian's package, unpacked into a cache folder without root.
 *
 * @throws Error - saying what to install, where none of these is to be had.
 */
export function findRedisProgram(): Promise<RedisProgram> {
  found ??= find();
  return found;
}

async function find(): Promise<RedisProgram> {
  const reasons: string[] = [];
  for (const [place, look] of [
    ['PATH', onPath],
    ['Docker', byDocker],
    ['Debian package', fromDebian],
  ] as const) {
    try {
      return await look();
    } catch (reason) {
      reasons.push(`${place}: ${firstLine(reason)}`);
    }
  }
  throw new Error(
    `These tests need a real Redis: install redis-server (apt-get install redis-server, brew install redis) or start Docker. Tried ${reasons.join('; ')}`,
  );
}

async function onPath(): Promise<RedisProgram> {
  for (const name of ['redis-server', 'valkey-server']) {
    if (await answers(name, {})) return localProgram(name, {});
  }
  throw new Error('neither redis-server nor valkey-server');
}

async function byDocker(): Promise<RedisProgram> {
  await run('docker', ['info'], { timeout: 5000 });
  await run('docker', ['pull', '--quiet', dockerImage], { timeout: 120_000 });
  let count = 0;
  return {
    start(args) {
      count += 1;
      const name = `redis-test-${process.pid}-${count}`;
      const image = [
        'run',
        '--rm',
        '--network',
        'host',
        '--user',
        'root',
        '-v',
        '/tmp:/tmp',
        '--name',
        name,
        dockerImage,
      ];
      const child = spawn('docker', [...image, 'redis-server', ...args]);
      const verbs = { SIGTERM: 'stop', SIGKILL: 'kill', SIGSTOP: 'pause', SIGCONT: 'unpause' } as const;
      const exited = exitOf(child, `docker kill ${name}`);
      return { exited, signal: async (signal) => void (await run('docker', [verbs[signal], name])) };
    },
  };
}

async function fromDebian(): Promise<RedisProgram> {
  const folder = `${cacheFolder}/${process.arch}`;
  if (!existsSync(`${folder}/usr/bin/redis-server`)) await unpackDebian(folder);
  const libraries = await Promise.all(
    ['usr/lib', 'lib'].map(async (base) => {
      const names = existsSync(`${folder}/${base}`) ? await readdir(`${folder}/${base}`) : [];
      return names.filter((name) => name.includes('-linux-')).map((name) => `${folder}/${base}/${name}`);
    }),
  );
  const environment = { LD_LIBRARY_PATH: libraries.flat().join(':') };
  const program = `${folder}/usr/bin/redis-server`;
  if (!(await answers(program, environment))) throw new Error('the unpacked package does not run here');
  return localProgram(program, environment);
}

/** Unpacks beside the place and renames at last, so that test workers that do it at once do not see each other's half. */
async function unpackDebian(folder: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const work = await mkdtemp(`${cacheFolder}/unpack-`);
  try {
    const apt = await packageLists(work);
    const packages = ['redis-server', 'redis-tools', ...(await missingLibraries(apt))];
    await run('apt-get', [...apt, 'download', ...packages], { cwd: work, timeout: 120_000 });
    for (const file of await readdir(work)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', `${work}/${file}`, `${work}/root`]);
    }
    await rename(`${work}/root`, folder).catch((reason: unknown) => {
      if (!existsSync(folder)) throw reason;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The options by which apt finds its package lists: the machine's, else a set of our own, which needs no root either. */
async function packageLists(work: string): Promise<string[]> {
  const known = await run('apt-cache', ['policy', 'redis-server']);
  if (/Candidate: \d/.test(known.stdout)) return [];
  await mkdir(`${work}/lists/partial`, { recursive: true });
  const own = [
    '-o',
    `Dir::State::lists=${work}/lists`,
    '-o',
    'Dir::Cache::pkgcache=',
    '-o',
    'Dir::Cache::srcpkgcache=',
  ];
  await run('apt-get', [...own, '-o', 'APT::Sandbox::User=', 'update'], { timeout: 120_000 });
  return own;
}

async function missingLibraries(apt: readonly string[]): Promise<string[]> {
  const { stdout } = await run('apt-cache', [...apt, 'depends', '--no-recommends', '--no-suggests', 'redis-tools']);
  const libraries = [...stdout.matchAll(/Depends: (lib[\w.+-]+)/g)].map(([, name]) => name ?? '');
  const isMissing = await Promise.all(
    libraries.map((name) =>
      run('dpkg-query', ['-W', '-f', '${Status}', name]).then(
        ({ stdout: status }) => !status.includes('ok installed'),
        () => true,
      ),
    ),
  );
  return libraries.filter((name, i) => isMissing[i] && name !== 'libelogind0');
}

function localProgram(program: string, environment: Readonly<Record<string, string>>): RedisProgram {
  return {
    start(args) {
      const child = spawn(program, args, withEnvironment(environment));
      return {
        exited: exitOf(child, `kill -9 ${child.pid ?? ''}`),
        async signal(name) {
          child.kill(name);
        },
      };
    },
  };
}

/**
 * Resolves when it has ended. A test process that is killed runs no handler of its own: a shell waits for it at the other end of a
 * pipe, and ends what it has left behind.
 */
function exitOf(child: ChildProcess, endCommand: string): Promise<string> {
  const watcher = spawn('sh', ['-c', `cat; ${endCommand}`], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.on('error', () => undefined);
  watcher.unref();
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-2000);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return new Promise((resolve) => {
    const end = (reason?: Error): void => {
      watcher.kill();
      resolve(reason === undefined ? output : `${output}${reason.message}`);
    };
    child.once('exit', () => end());
    child.once('error', end);
  });
}

async function answers(program: string, environment: Readonly<Record<string, string>>): Promise<boolean> {
  return run(program, ['--version'], withEnvironment(environment)).then(
    () => true,
    () => false,
  );
}

/** With an environment of its own a program is not looked for on this one's PATH. */
function withEnvironment(environment: Readonly<Record<string, string>>): { env?: Record<string, string> } {
  return Object.keys(environment).length === 0 ? {} : { env: { ...environment } };
}

function firstLine(reason: unknown): string {
  return (reason instanceof Error ? reason.message : String(reason)).split('\n')[0] ?? '';
}
