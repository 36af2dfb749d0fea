import { type ChildProcess, fork } from 'node:child_process';
import type { Server } from 'node:http';
import { availableParallelism } from 'node:os';
import type { FromImageProcess, ToImageProcess } from './image-process-messages.ts';
import type { ImageSettings } from './image-settings.ts';

const startTimeoutMs = 10_000;

/** How Node runs a process that makes pictures; `npm run start:images` says the same. */
export const imageProcessConditions = {
  // What it does in JavaScript is little, and V8 would take some 40 MB of young space for it.
  execArgv: ['--max-semi-space-size=2'],
  env: {
    // Beside the transforms there must be threads left for the disk and for names, or they wait for an encoder.
    UV_THREADPOOL_SIZE: String(availableParallelism() + 4),
    // Each arena of glibc keeps what its threads freed: with two, memory levels off 100 MB lower. What is larger than the
    // threshold, a picture’s pixels, goes back to the system at once: another 50 to 130 MB.
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '262144',
  },
} as const;

export function forkImageChild(env: Readonly<Record<string, string>>): ChildProcess {
  // The file beside this one, which is JavaScript after a build.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fork(new URL(`./image-process-entry.${extension}`, import.meta.url), {
    execArgv: [...imageProcessConditions.execArgv],
    env: { ...env, ...imageProcessConditions.env },
  });
}

/**
 * Hands a child its settings and, once it could accept, the socket to do it on; and waits until it does.
 *
 * @throws Error - it says why it cannot, ends, or says nothing for 10 seconds.
 */
export function whenServing(child: ChildProcess, settings: ImageSettings, listener: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (message: string) => {
      settle();
      child.kill('SIGKILL');
      reject(new Error(`the image process did not start: ${message}`));
    };
    const onMessage = (message: FromImageProcess) => {
      if (message.type === 'failed') fail(message.message);
      // Not sooner: a process accepts from the moment that it has the socket, whether anybody in it would answer or not.
      else if (message.type === 'prepared') tellChild(child, { type: 'listen' }, listener);
      else if (message.type === 'ready') {
        settle();
        resolve();
      }
    };
    const onExit = (code: number | null, signal: string | null) => fail(signal ?? `exit code ${code}`);
    const onError = (error: Error) => fail(error.message);
    const timer = setTimeout(() => fail(`no word from it in ${startTimeoutMs} ms`), startTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
    };
    child.on('message', onMessage).once('exit', onExit).once('error', onError);
    tellChild(child, { type: 'start', settings });
  });
}

/** Lets what is under way end, and kills the child after `graceMs`. */
export function endChild(child: ChildProcess, graceMs: number): Promise<void> {
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
    tellChild(child, { type: 'stop' });
  });
}

export function tellChild(child: ChildProcess, message: ToImageProcess, listener?: Server): void {
  // A child that is gone says so by its exit; the failed send is no second event.
  child.send(message, listener, {}, () => {});
}
