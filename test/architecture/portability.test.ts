import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { listFiles, readSource, repositoryRoot } from '../support/source-files.ts';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readSource('package-lock.json')) as { packages: Record<string, LockedPackage> };
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

/** Whether `name` is found from the package at `path`, as Node looks for it: in its own folder, then in those above. */
function isInstalled(path: string, name: string): boolean {
  if (`${path}/node_modules/${name}` in lock.packages) return true;
  const above = path.lastIndexOf('/node_modules/');
  return above === -1 ? `node_modules/${name}` in lock.packages : isInstalled(path.slice(0, above), name);
}

describe('package-lock.json', () => {
  it('holds no download address, so that it works with any registry', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('holds every package with its version, those of other platforms too, or npm ci refuses it', () => {
    expect(installed.filter(([, { version }]) => version === undefined).map(([path]) => path)).toEqual([]);
    const missing = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isInstalled(path, name))
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
