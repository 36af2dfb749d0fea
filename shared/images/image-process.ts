import type { ChildProcess } from 'node:child_process';
import { type Clock, systemClock } from '../clock.ts';
import { boundEvents } from './event-budget.ts';
import { endChild, forkImageChild, whenServing } from './image-child.ts';
import { type ImageEvent, refusedEvent } from './image-event.ts';
import type { FromImageProcess } from './image-process-messages.ts';
import type { ImageSettings } from './image-settings.ts';
import { watchChild } from './image-watch.ts';
import { openStandIn, type StandIn } from './stand-in.ts';
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
  /** Told each time that the process has begun to answer. */
  readonly onServing?: () => void;
  /** Told when the process ended without being asked to. */
  readonly onExit?: (exit: UnexpectedExit) => void;
  /** What the process finds in its environment besides our own settings for it: `NODE_EXTRA_CA_CERTS`, as a rule nothing. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

export interface UnexpectedExit {
  /** The exit code, the signal that ended it, or that it hung and was killed. */
  readonly reason: string;
  readonly restartInMs: number;
}

const minBackoffMs = 100;
const maxBackoffMs = 10_000;
// A process that lived this long had started well: the next start is tried at once again.
const steadyMs = 60_000;

/**
 * Starts the optimiser in a process of its own and starts it again, a little later each time, when it dies or hangs. Meanwhile
 * its port answers 503.
 *
 * @throws Error - it does not start: the port is taken, the folder cannot be written, or it says nothing for 10 seconds.
 */
export async function startImageProcess(settings: ImageSettings, deps: ImageProcessDeps): Promise<ImageProcess> {
  const {
    thumbhashes,
    onEvent = () => {},
    onServing = () => {},
    onExit = () => {},
    env = {},
    clock = systemClock,
  } = deps;
  let { port } = settings;
  let child: ChildProcess | null = null;
  let standIn: Promise<StandIn> | null = null;
  let isStopping = false;
  let backoffMs = minBackoffMs;
  let cancelRestart = () => {};
  const tell = boundEvents(onEvent, clock);

  function holdPort(): Promise<StandIn> {
    standIn ??= openStandIn({ host: settings.host, port, onRefusal: (refusal) => tell(refusedEvent(refusal)) });
    standIn.catch(() => {
      standIn = null;
    });
    return standIn;
  }

  async function leavePort(): Promise<void> {
    const held = standIn;
    standIn = null;
    (await held?.catch(() => null))?.close();
  }

  function receive(message: FromImageProcess): void {
    if (message.type === 'thumbhash') void thumbhashes.set(message.key, message.thumbhash);
    else if (message.type === 'event') onEvent(message.event);
  }

  async function launch(): Promise<void> {
    const startedMs = clock.nowMs();
    const held = await holdPort();
    if (isStopping) return;
    port = held.port;
    const started = forkImageChild(env);
    child = started;
    await whenServing(started, settings, held.listener);
    await leavePort();
    started.on('message', receive);
    onServing();
    watchChild(started, {
      onEnd(reason) {
        if (child !== started) return;
        child = null;
        if (!isStopping) restart(reason, clock.nowMs() - startedMs);
      },
      clock,
    });
  }

  function restart(reason: string, livedMs: number): void {
    if (livedMs >= steadyMs) backoffMs = minBackoffMs;
    // Where it cannot be had any more, the next start fails and says so.
    holdPort().catch(() => {});
    onExit({ reason, restartInMs: backoffMs });
    cancelRestart = clock.schedule(backoffMs, () => {
      launch().catch((error: Error) => {
        child = null;
        if (!isStopping) restart(error.message, 0);
      });
    });
    backoffMs = Math.min(maxBackoffMs, backoffMs * 2);
  }

  // One that hangs does not notice that nobody is left who would kill it, and keeps the port.
  const killAtExit = () => void child?.kill('SIGKILL');

  try {
    await launch();
  } catch (error) {
    await leavePort();
    throw error;
  }
  process.once('exit', killAtExit);

  return {
    port,
    get pid() {
      return child?.pid ?? null;
    },
    async stop(graceMs = 4000) {
      isStopping = true;
      cancelRestart();
      await leavePort();
      if (child !== null) await endChild(child, graceMs);
      process.off('exit', killAtExit);
    },
  };
}
