import { describe, expect, it } from 'vitest';
import { createWorkQueue } from '../../../shared/images/work-queue.ts';

const never = new AbortController().signal;

function settleAll(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a work queue', () => {
  it('runs at most so many at once, in the order of their coming', async () => {
    const queue = createWorkQueue({ maxRunning: 2, maxQueued: 10 });
    const started: number[] = [];
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const done = gates.map((gate, index) =>
      queue.run(async () => {
        started.push(index);
        await gate.promise;
      }, never),
    );
    await settleAll();
    expect(started).toEqual([0, 1]);
    expect([queue.running, queue.queued]).toEqual([2, 3]);
    gates[1]?.resolve();
    await settleAll();
    expect(started).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(done);
    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect([queue.running, queue.queued]).toEqual([0, 0]);
  });

  it('refuses what does not fit into the line, and says when to come back', async () => {
    const queue = createWorkQueue({ maxRunning: 1, maxQueued: 1 });
    const gate = Promise.withResolvers<void>();
    const first = queue.run(() => gate.promise, never);
    const second = queue.run(async () => 'second', never);
    await expect(queue.run(async () => 'third', never)).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryAfterSeconds: 1,
    });
    gate.resolve();
    await first;
    expect(await second).toBe('second');
    expect(await queue.run(async () => 'later', never)).toBe('later');
  });

  it('never runs a task whose caller left the line, and gives its place to the next', async () => {
    const queue = createWorkQueue({ maxRunning: 1, maxQueued: 1 });
    const gate = Promise.withResolvers<void>();
    const leaving = new AbortController();
    let ran = false;
    const first = queue.run(() => gate.promise, never);
    const second = queue.run(async () => {
      ran = true;
    }, leaving.signal);
    leaving.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    const third = queue.run(async () => 'third', never);
    gate.resolve();
    await first;
    expect(await third).toBe('third');
    expect(ran).toBe(false);
    await expect(queue.run(async () => 'late', leaving.signal)).rejects.toThrow('left');
    expect([queue.running, queue.queued]).toEqual([0, 0]);
  });

  it('goes on after a task that fails', async () => {
    const queue = createWorkQueue({ maxRunning: 1, maxQueued: 5 });
    const failed = queue.run(async () => {
      throw new Error('broken');
    }, never);
    const next = queue.run(async () => 'next', never);
    await expect(failed).rejects.toThrow('broken');
    expect(await next).toBe('next');
    expect(queue.running).toBe(0);
  });

  it('hands a place on, so that nobody who comes at that moment makes one too many', async () => {
    const queue = createWorkQueue({ maxRunning: 1, maxQueued: 5 });
    let running = 0;
    let most = 0;
    const task = async () => {
      running += 1;
      most = Math.max(most, running);
      await settleAll();
      running -= 1;
    };
    const tasks = [queue.run(task, never), queue.run(task, never)];
    tasks.push((tasks[0] ?? Promise.resolve()).then(() => queue.run(task, never)));
    await Promise.all(tasks);
    expect(most).toBe(1);
  });
});
