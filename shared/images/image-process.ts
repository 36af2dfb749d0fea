import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from '../clock.ts';
import type { ImageEvent } from './image-event.ts';
import type { FromImageProcess, ToImageProcess } from './image-process-messages.ts';
import type { ImageSettings } from './image-settings.ts';
import type { ThumbhashStore } from './thumbhash-store.ts';

export interface ImageProcess {
  /** Where it listens; the same after a restart. */
  readonly port: number;
  /** Null while it is being restarted. */
  readonly pid: number | null;
  /** Lets what is under way end, and ends the process within `graceMs` at most. */
  stop(graceMs?: number): Promise<void>;
}

export interface ImageProcessDeps {
  /** Where thumbhashes go; `getMany` is not asked. */
  readonly thumbhashes: Pick<ThumbhashStore, 'set'>;
  readonly onEvent?: (event: ImageEvent) => void;
  /** Told when the process ended without being asked to. */
  readonly onExit?: (exit: UnexpectedExit) => void;
  /** What the process finds in its environment besides our own settings for it: `NODE_EXTRA_CA_CERTS`, as a rule nothing. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

export interface UnexpectedExit {
  /** The exit code, or the signal that ended it. */
  readonly reason: string;
  readonly restartInMs: number;
}

const startTimeoutMs = 10_000;
const minBackoffMs = 100;
const maxBackoffMs = 10_000;
// A process that lived this long had started well: the next start is tried at once again.
const steadyMs = 60_000;

/**
 * Starts the optimiser in a process of its own and starts it again, a little later each time, when it dies.
 *
 * @throws Error - it does not start: the port is taken, the folder cannot be written, or it says nothing for 10 seconds.
 */
export async function startImageProcess(settings: ImageSettings, deps: ImageProcessDeps): Promise<ImageProcess> {
  const { thumbhashes, onEvent = () => {}, onExit = () => {}, env = {}, clock = systemClock } = deps;
  let child: ChildProcess | null = null;
  let isStopping = false;
  let backoffMs = minBackoffMs;
  let cancelRestart = () => {};

  function receive(message: FromImageProcess): void {
    if (message.type === 'thumbhash') void thumbhashes.set(message.key, message.thumbhash);
    else if (message.type === 'event') onEvent(message.event);
  }

  async function launch(port: number): Promise<number> {
    const startedMs = clock.nowMs();
    const started = forkEntry(env);
    child = started;
    const exited = (reason: string) => {
      if (child !== started) return;
      child = null;
      if (!isStopping) restart(reason, clock.nowMs() - startedMs);
    };
    const actualPort = await whenReady(started, { ...settings, port });
    started.on('message', receive);
    started.once('exit', (code, signal) => exited(signal ?? `exit code ${code}`));
    if (started.exitCode !== null) exited(`exit code ${started.exitCode}`);
    return actualPort;
  }

  function restart(reason: string, livedMs: number): void {
    if (livedMs >= steadyMs) backoffMs = minBackoffMs;
    onExit({ reason, restartInMs: backoffMs });
    cancelRestart = clock.schedule(backoffMs, () => {
      launch(port).catch((error: Error) => {
        child = null;
        if (!isStopping) restart(error.message, 0);
      });
    });
    backoffMs = Math.min(maxBackoffMs, backoffMs * 2);
  }

  const port = await launch(settings.port);

  return {
    port,
    get pid() {
      return child?.pid ?? null;
    },
    async stop(graceMs = 4000) {
      isStopping = true;
      cancelRestart();
      if (child !== null) await end(child, graceMs);
    },
  };
}

function forkEntry(env: Readonly<Record<string, string>>): ChildProcess {
  // The file beside this one, which is JavaScript after a build.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fork(new URL(`./image-process-entry.${extension}`, import.meta.url), {
    execArgv: [],
    env: {
      ...env,
      // Beside the transforms there must be threads left for the disk and for names, or they wait for an encoder.
      UV_THREADPOOL_SIZE: String(availableParallelism() + 4),
      // Each arena of glibc keeps what its threads freed: with two, memory levels off 100 MB lower.
      MALLOC_ARENA_MAX: '2',
    },
  });
}

function whenReady(child: ChildProcess, settings: ImageSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (message: string) => {
      settle();
      child.kill('SIGKILL');
      reject(new Error(`the image process did not start: ${message}`));
    };
    const onMessage = (message: FromImageProcess) => {
      if (message.type === 'failed') fail(message.message);
      if (message.type !== 'ready') return;
      settle();
      resolve(message.port);
    };
    const onExit = (code: number | null) => fail(`exit code ${code}`);
    const onError = (error: Error) => fail(error.message);
    const timer = setTimeout(() => fail(`no word from it in ${startTimeoutMs} ms`), startTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
    };
    child.on('message', onMessage).once('exit', onExit).once('error', onError);
    send(child, { type: 'start', settings });
  });
}

function end(child: ChildProcess, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    if (child.exitCode !== null || child.signalCode !== null) {
      clearTimeout(kill);
      resolve();
      return;
    }
    send(child, { type: 'stop' });
  });
}

function send(child: ChildProcess, message: ToImageProcess): void {
  // A child that is gone says so by its exit; the failed send is no second event.
  child.send(message, () => {});
}
