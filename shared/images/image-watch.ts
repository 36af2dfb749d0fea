import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../clock.ts';
import { silenceMs, startHeartbeat } from './heartbeat.ts';
import { tellChild } from './image-child.ts';

export interface ImageWatchDeps {
  /** Told once, when the child has ended, and why: its exit code, its signal, or that it hung. */
  readonly onEnd: (reason: string) => void;
  readonly clock: Clock;
}

/** Sees to it that a child ends when it hangs, and tells when it ended. */
export function watchChild(child: ChildProcess, { onEnd, clock }: ImageWatchDeps): void {
  let isHung = false;
  const heartbeat = startHeartbeat({
    ask: () => tellChild(child, { type: 'ping' }),
    onSilence() {
      isHung = true;
      child.kill('SIGKILL');
    },
    clock,
  });
  const ended = (reason: string) => {
    heartbeat.stop();
    onEnd(isHung ? `it hung, gave no sign of life in ${silenceMs} ms, and was killed` : reason);
  };
  // Whatever it says: only a loop that turns sends anything, and an answer may stand behind other messages.
  child.on('message', () => heartbeat.answered());
  const onExit = (code: number | null, signal: string | null) => ended(signal ?? `exit code ${code}`);
  child.once('exit', onExit);
  if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
}
