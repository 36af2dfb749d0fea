import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** What it was measured on, and of what state of the tree. */
export function describeMachine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() ?? 'unknown';
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${all.length} x ${model}, Node ${process.versions.node}, load average ${load} at the end; ${describeTree()}.`;
}

function describeTree(): string {
  try {
    const commit = git('rev-parse', '--short', 'HEAD');
    return `commit ${commit}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
  } catch {
    return 'not a git checkout';
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, {
    encoding: 'utf8',
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
