import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Which core runs what; null where processes cannot be tied to cores here. */
export interface Cores {
  readonly server: number | null;
  /** The load generator and the services' stub. */
  readonly load: number | null;
  /** For the results: what the figures were measured on. */
  readonly remark: string;
}

const statusFile = '/proc/self/status';

/** The server has one core to itself, the load and the stub share another; said so where that cannot be had. */
export function chooseCores(): Cores {
  const [server, load] = readAllowedCores();
  if (server === undefined || load === undefined) {
    return { server: null, load: null, remark: 'nothing is tied to a core: there is only one, or no /proc' };
  }
  if (spawnSync('taskset', ['--version']).status !== 0) {
    return { server: null, load: null, remark: 'nothing is tied to a core: there is no taskset' };
  }
  return { server, load, remark: `the server on core ${server}, the load and the stub on core ${load}` };
}

/** As the kernel lists them: `0-1,4`. */
function readAllowedCores(): number[] {
  if (!existsSync(statusFile)) return [];
  const ranges = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(statusFile, 'utf8'))?.[1] ?? '';
  return ranges.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
