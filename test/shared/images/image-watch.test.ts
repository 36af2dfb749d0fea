import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { silenceMs } from '../../../shared/images/heartbeat.ts';
import { watchChild } from '../../../shared/images/image-watch.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

async function watch() {
  const child: ChildProcess = fork(new URL('./chatty-child.ts', import.meta.url), { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  const clock = createFakeClock();
  const ends: string[] = [];
  watchChild(child, { onEnd: (reason) => ends.push(reason), clock });
  return { child, clock, ends };
}

it('takes whatever a child says for a sign of life', async () => {
  const { child, clock, ends } = await watch();
  let said = 0;
  child.on('message', () => {
    said += 1;
  });
  for (let beats = 1; beats <= 10; beats += 1) {
    await expect.poll(() => said).toBe(beats);
    await clock.advance(1000);
  }
  expect([ends, child.killed]).toEqual([[], false]);
});

it('kills a child that has stopped to say anything, and says why', async () => {
  const { child, clock, ends } = await watch();
  await once(child, 'message');
  child.kill('SIGSTOP');
  await clock.advance(2 * silenceMs);
  await expect.poll(() => ends).toEqual([expect.stringMatching(/^it hung, gave no sign of life in 3000 ms/)]);
});
