import { type ChildProcess, spawn } from 'node:child_process';
import type { Question, Reply } from './questions.ts';

export interface ChildSpec {
  /** For messages: `rest (32)`. */
  readonly name: string;
  /** The path or URL of its entry. */
  readonly script: string | URL;
  readonly env: Readonly<Record<string, string>>;
  /** Node's own. */
  readonly flags?: readonly string[];
  /** The core that it is tied to; null: wherever the system puts it. */
  readonly core: number | null;
  /** Loaded before the entry. */
  readonly preload?: readonly URL[];
}

/** A process of the bench's. */
export interface Child {
  /** @throws Error - the process's own reason, or that it has ended. */
  ask<T>(type: string, payload?: unknown): Promise<T>;
  /** Rejects when the process ends without being told to. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

const maxComplaint = 4000;

/** Starts a process that answers `answerQuestions`; its standard output goes nowhere, as cheaply for one as for another. */
export function startChild(spec: ChildSpec): Child {
  const preload = (spec.preload ?? []).flatMap((url) => ['--import', url.href]);
  const script = spec.script instanceof URL ? spec.script.pathname : spec.script;
  const command = [process.execPath, ...(spec.flags ?? []), ...preload, script];
  const [program = '', ...args] = spec.core === null ? command : ['taskset', '-c', String(spec.core), ...command];
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', ...spec.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const end = watchEnd(spec.name, child);
  end.failed.catch((error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });

  child.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) asked?.resolve(reply.result as never);
    else asked?.reject(new Error(`${spec.name}: ${reply.error}`));
  });

  return {
    failed: end.failed,
    async ask<T>(type: string, payload?: unknown): Promise<T> {
      const answer = new Promise<T>((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        child.send({ id: lastId, type, payload } satisfies Question, (error) => error && reject(error));
      });
      return await Promise.race([answer, end.failed]);
    },
    async stop() {
      end.expect();
      child.kill('SIGKILL');
      await end.exited;
    },
  };
}

function watchEnd(name: string, child: ChildProcess) {
  const failed = Promise.withResolvers<never>();
  const exited = Promise.withResolvers<void>();
  let isExpected = false;
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-maxComplaint);
  });
  child.once('error', (error) => {
    failed.reject(error);
    exited.resolve();
  });
  child.once('close', (code, signal) => {
    if (!isExpected) failed.reject(new Error(`${name} ended (${signal ?? code}): ${complaint.trim()}`));
    exited.resolve();
  });
  // A failure that nobody waits for at that moment is reported by the next question.
  failed.promise.catch(() => {});
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void exited.promise.then(() => process.off('exit', kill));
  return {
    failed: failed.promise,
    exited: exited.promise,
    expect() {
      isExpected = true;
    },
  };
}
