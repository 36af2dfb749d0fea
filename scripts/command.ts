import { type ChildProcess, spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Killed after this long; the output then ends with a line that says so. */
  readonly timeoutMs: number;
  /** Whether the output is also shown while it comes. */
  readonly isShown?: boolean;
}

export interface CommandResult {
  /** 0: it did what it was asked to. */
  readonly exitCode: number;
  /** What it wrote to both streams, in the order of arrival. */
  readonly output: string;
  readonly durationMs: number;
}

/** More than any tool of ours has to say; a loop that prints must not take the memory. */
const maxOutputBytes = 20_000_000;

/** Runs one program of `node_modules/.bin` or of the PATH to its end. Never rejects: what cannot be started ends with code 127. */
export function runCommand(command: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [program = '', ...args] = command;
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a timeout also ends what the program has started.
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32',
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let note = '';
    const take = (chunk: Buffer) => {
      if (options.isShown) process.stdout.write(chunk);
      size += chunk.length;
      if (size <= maxOutputBytes) chunks.push(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);

    const stopEarly = () => killGroup(child);
    process.once('exit', stopEarly);
    const timer = setTimeout(() => {
      note = `\n${program} was stopped after ${Math.round(options.timeoutMs / 1000)} s.\n`;
      killGroup(child);
    }, options.timeoutMs);
    const finish = (exitCode: number, message: string) => {
      clearTimeout(timer);
      process.off('exit', stopEarly);
      const output = Buffer.concat(chunks).toString('utf8') + message;
      resolve({ exitCode, output, durationMs: performance.now() - startedMs });
    };
    child.once('error', (error) => finish(127, `${program} could not be started: ${error.message}\n`));
    child.once('close', (code, signal) => finish(note === '' && signal === null ? (code ?? 1) : 1, note));
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
