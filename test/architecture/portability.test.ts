import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { listFiles, readSource, repositoryRoot } from '../support/source-files.ts';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Whether `name` is found from the package at `path`, as Node looks for it: in its own folder, then in those above. */
function isInstalled({ packages }: Lockfile, path: string, name: string): boolean {
  if (`${path}/node_modules/${name}` in packages) return true;
  const above = path.lastIndexOf('/node_modules/');
  return above === -1 ? `node_modules/${name}` in packages : isInstalled({ packages }, path.slice(0, above), name);
}

describe.each(listFiles().filter((path) => /(?:^|\/)package-lock\.json$/.test(path)))('%s', (file) => {
  const lock = JSON.parse(readSource(file)) as Lockfile;
  const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

  it('holds no download address, so that it works with any registry', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('holds every package with its version, those of other platforms too, or npm ci refuses it', () => {
    expect(installed.filter(([, { version }]) => version === undefined).map(([path]) => path)).toEqual([]);
    const missing = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isInstalled(lock, path, name))
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the tree', () => {
  // Pictures and the like are no text; the lockfile's "funding" addresses are no registry's.
  const texts = ['.npmrc', '.gitignore', '.oxlintrc.json', ...listFiles()]
    .filter((path) => /\.(?:ts|json|jsonc|md|graphql|mjs|html|css|yml|yaml)$|^\.|\/run$/.test(path))
    .map((path) => ({ path, text: readSource(path) }));

  const filesWith = (pattern: RegExp) => texts.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  it('names no package registry', () => {
    const hosts = ['registry.npmjs', 'registry.yarnpkg', 'npm.pkg.github', 'registry.npmmirror'];
    const configured = URL.parse(process.env['npm_config_registry'] ?? '')?.hostname;
    const patterns = [...hosts, ...(configured === undefined ? [] : [configured])].map((host) =>
      host.replaceAll('.', '[.]'),
    );
    expect(filesWith(new RegExp(patterns.join('|')))).toEqual(['test/architecture/portability.test.ts']);
  });

  it('names no folder of the machine that it was written on', () => {
    const folders = [repositoryRoot, homedir()].filter((folder) => folder.length > 1);
    const own = folders.map((folder) => folder.replaceAll(/[^\w/-]/g, '.'));
    expect(filesWith(new RegExp(`(?<![\\w.~}/-])(?:${own.join('|')})(?![\\w-])`))).toEqual([]);
    expect(filesWith(/(?<![\w.~}/-])\/(?:home|Users)\/\w|\b[A-Z]:[\\/]+Users\b/)).toEqual([]);
  });
});
