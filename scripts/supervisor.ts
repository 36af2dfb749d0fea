import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** One program that runs until it is told to end. */
export interface ProgramSpec {
  /** As the person at the terminal knows it. */
  readonly name: string;
  /** The path of its TypeScript file. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with 2xx as soon as the program is ready. */
  readonly readyUrl: string;
  /** Whether only its complaints are shown: standard error and not standard output. */
  readonly isQuiet?: boolean;
}

export interface SupervisorOptions {
  /** Shows one line that a program wrote. */
  readonly onLine: (name: string, line: string) => void;
  /** Told when a program that was ready ends, and nobody told it to. */
  readonly onDeath: (error: ProgramError) => void;
  /** How long a program has to become ready; 30 s unless told: it takes 2 s, and a busy machine is no reason to give up. */
  readonly readyTimeoutMs?: number;
  /** How long a program has to end by itself before it is killed; 1.5 s unless told, so that Ctrl-C is done within 2 s. */
  readonly killAfterMs?: number;
}

/** A program did not become ready, or ended without being told to. The message names it; it has the reason where the program gave one line of it. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** What it wrote before it was ready; null afterwards. Held back, so that a program which fails with one line is one line. */
  held: string[] | null;
  isReady: boolean;
}

const preload = pathToFileURL(join(import.meta.dirname, 'ends-with-parent.ts')).href;
const pollEveryMs = 50;

/** Starts programs and ends them: all of them, also those that hang, and also when this process is killed. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts a program and waits until it is ready.
   *
   * @throws ProgramError - it ended, or was not ready in time.
   */
  async start(spec: ProgramSpec): Promise<void> {
    const child = spawn(process.execPath, ['--import', preload, spec.script, ...(spec.args ?? [])], {
      env: { ...process.env, ...spec.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: a terminal's Ctrl-C comes once, from here, not a second time from the terminal.
      detached: process.platform !== 'win32',
    });
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    const end = Promise.withResolvers<void>();
    const running: Running = { child, ended: end.promise, held: [], isReady: false };
    this.#running.set(spec.name, running);

    const finish = (how: string) => {
      end.resolve();
      if (this.#running.get(spec.name) !== running) return;
      this.#running.delete(spec.name);
      const [reason, ...more] = running.held ?? [];
      const isOneLine = reason !== undefined && more.length === 0;
      if (isOneLine) running.held = null;
      else this.#release(spec.name, running);
      const error = new ProgramError(isOneLine ? `${spec.name} ${how}: ${reason}` : `${spec.name} ${how}.`);
      failed.reject(error);
      if (running.isReady) this.#options.onDeath(error);
    };
    child.once('error', (error) => finish(`could not be started: ${error.message}`));
    // `close` and not `exit`: its last words come first.
    child.once('close', (code, signal) =>
      finish(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    );
    this.#listen(spec, running);
    try {
      await Promise.race([this.#waitUntilReady(spec), failed.promise]);
      running.isReady = true;
    } finally {
      this.#release(spec.name, running);
    }
  }

  /** Ends these programs, or all: asked first, killed after `killAfterMs`. Never rejects. */
  async end(names: readonly string[] = [...this.#running.keys()]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const running = this.#running.get(name);
        if (running === undefined) return;
        this.#running.delete(name);
        running.child.kill('SIGINT');
        const timer = setTimeout(() => running.child.kill('SIGKILL'), this.#options.killAfterMs ?? 1500);
        await running.ended;
        clearTimeout(timer);
      }),
    );
  }

  #listen({ name, isQuiet = false }: ProgramSpec, running: Running): void {
    const { stdout, stderr } = running.child;
    const take = (line: string) => {
      if (running.held === null) this.#options.onLine(name, line);
      else running.held.push(line);
    };
    // Both are read to the end: a full pipe would stop the program.
    if (stdout !== null) createInterface({ input: stdout }).on('line', isQuiet ? () => {} : take);
    if (stderr !== null) createInterface({ input: stderr }).on('line', take);
  }

  #release(name: string, running: Running): void {
    const held = running.held ?? [];
    running.held = null;
    for (const line of held) this.#options.onLine(name, line);
  }

  async #waitUntilReady({ name, readyUrl }: ProgramSpec): Promise<void> {
    const timeoutMs = this.#options.readyTimeoutMs ?? 30_000;
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.#running.has(name)) {
      try {
        const answer = await fetch(readyUrl, { signal });
        await answer.body?.cancel();
        if (answer.ok) return;
      } catch {
        // Not listening yet.
      }
      if (signal.aborted) throw new ProgramError(`${name} was not ready within ${timeoutMs / 1000} s (${readyUrl}).`);
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    }
    throw new ProgramError(`${name} was ended before it was ready.`);
  }
}
