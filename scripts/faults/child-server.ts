import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Lab, shopSettings } from './lab.ts';

/** A server of ours in a process of its own. */
export interface ChildServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** The exit code and how long it took since this was asked for. */
  readonly exited: Promise<number | null>;
  /** Lines of its log so far. */
  readonly lines: readonly string[];
}

/** Starts the web server as `npm run start:web` does, or another program that logs as it does. */
export async function startChildServer(
  lab: Lab,
  env: Readonly<Record<string, string>>,
  program: string = '../../bffs/web/main.ts',
): Promise<ChildServer> {
  const settings = { ...(await shopSettings(lab.shop)), LOG_LEVEL: 'info', ...env };
  const entry = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [entry], { env: settings, stdio: ['ignore', 'pipe', 'inherit'] });
  lab.defer(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines: string[] = [];
  const started = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) started.resolve(url);
  });
  void exited.then((code) => started.reject(new Error(`The server ended at its start with ${code}: ${lines.at(-1)}`)));
  return { url: await started.promise, child, exited, lines };
}
