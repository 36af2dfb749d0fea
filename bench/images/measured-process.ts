import { type ChildProcess, fork } from 'node:child_process';
import { imageProcessConditions } from '../../shared/images/image-child.ts';

/** What a process under measurement says of itself. */
export interface Usage {
  /** User and system time since it began, in milliseconds. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

export interface MeasuredProcess {
  readonly port: number;
  usage(): Promise<Usage>;
  /** Runs a task that the process offers, and gives what comes of it. */
  run(task: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

type FromChild =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly message: string };

/** Starts one of `servers/` under the conditions that the image process has in production, whichever server it is. */
export async function startMeasured(file: string, options: unknown): Promise<MeasuredProcess> {
  const child = fork(new URL(`./servers/${file}`, import.meta.url), {
    execArgv: [...imageProcessConditions.execArgv],
    env: imageProcessConditions.env,
  });
  const ready = await ask(child, { type: 'start', options }, 'ready');
  return {
    port: ready.type === 'ready' ? ready.port : 0,
    async usage() {
      const answer = await ask(child, { type: 'usage' }, 'usage');
      return answer.type === 'usage' ? answer.usage : { cpuMs: 0, rssBytes: 0 };
    },
    async run(task) {
      const done = await ask(child, { type: 'run', task }, 'done');
      return done.type === 'done' ? done.result : null;
    },
    stop() {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      return exited;
    },
  };
}

function ask(child: ChildProcess, message: object, answer: FromChild['type']): Promise<FromChild> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (received: FromChild) => {
      if (received.type !== answer && received.type !== 'failed') return;
      settle();
      if (received.type === 'failed') reject(new Error(received.message));
      else resolve(received);
    };
    const onExit = () => {
      settle();
      reject(new Error('the measured process ended'));
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.send(message);
  });
}
