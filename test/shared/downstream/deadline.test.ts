import { describe, expect, test } from 'vitest';
import { detachScope } from '../../../shared/downstream/call-scope.ts';
import { createDeadline, isDeadlineReason } from '../../../shared/downstream/deadline.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createScope } from './support/calls.ts';

describe('a deadline', () => {
  test('ends when its time is over, and not before', () => {
    const clock = createFakeClock();
    const deadline = createDeadline({ budgetMs: 3000, clock });
    const { signal } = deadline;
    clock.advanceSync(2999);
    expect([deadline.remainingMs(), signal.aborted]).toEqual([1, false]);
    clock.advanceSync(1);
    expect([deadline.remainingMs(), signal.aborted, isDeadlineReason(signal.reason)]).toEqual([0, true, true]);
    clock.advanceSync(1000);
    expect(deadline.remainingMs()).toBe(0);
  });

  test('that is over is over for who asks later', () => {
    const clock = createFakeClock();
    const deadline = createDeadline({ budgetMs: 10, clock });
    clock.advanceSync(11);
    expect(isDeadlineReason(deadline.signal.reason)).toBe(true);
  });

  test('costs no timer while nobody looks at its signal', () => {
    const clock = createFakeClock();
    const deadline = createDeadline({ budgetMs: 10, clock });
    expect(clock.pendingTimers).toBe(0);
    expect(deadline.signal.aborted).toBe(false);
    expect(clock.pendingTimers).toBe(1);
    deadline.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('ends with its client, which is not a matter of time', () => {
    for (const isEarly of [true, false]) {
      const client = new AbortController();
      const deadline = createDeadline({ budgetMs: 3000, parent: client.signal, clock: createFakeClock() });
      if (isEarly) client.abort();
      const { signal } = deadline;
      if (!isEarly) client.abort();
      expect([signal.aborted, isDeadlineReason(signal.reason)]).toEqual([true, false]);
    }
  });

  test('can be cancelled before and after somebody listens', () => {
    const clock = createFakeClock();
    const early = createDeadline({ budgetMs: 3000, clock });
    early.cancel();
    const late = createDeadline({ budgetMs: 3000, clock });
    const { signal } = late;
    late.cancel();
    expect([early.signal.aborted, signal.aborted, isDeadlineReason(signal.reason)]).toEqual([true, true, false]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('lets go of its client once it is closed', () => {
    const client = new AbortController();
    const deadline = createDeadline({ budgetMs: 3000, parent: client.signal, clock: createFakeClock() });
    const { signal } = deadline;
    deadline.close();
    client.abort();
    expect(signal.aborted).toBe(false);
  });

  test('is not moved by the wall clock', () => {
    const clock = createFakeClock();
    const deadline = createDeadline({ budgetMs: 3000, clock });
    clock.jumpWall(3_600_000);
    expect(deadline.remainingMs()).toBe(3000);
  });

  test('leaves one attempt half of it, unless the profile says otherwise', () => {
    expect(createDeadline({ budgetMs: 3000 }).attemptCapMs).toBe(1500);
    expect(createDeadline({ budgetMs: 500, attemptCapMs: 1500 }).attemptCapMs).toBe(1500);
  });
});

describe('a detached scope', () => {
  test('keeps who asks and loses the request’s time, client and report', () => {
    const clock = createFakeClock();
    const records: unknown[] = [];
    const report = { add: (record: unknown) => records.push(record), addCacheLookup: () => {} };
    const client = new AbortController();
    const scope = createScope({ clock, budgetMs: 100, client: client.signal, report, traceparent: 'trace' });
    const detached = detachScope(scope, { clock });
    client.abort();
    clock.advanceSync(200);
    expect(detached.deadline.signal.aborted).toBe(false);
    expect(detached.deadline.remainingMs()).toBe(9800);
    expect(detached).toMatchObject({
      viewerId: 'viewer-1',
      authorization: 'Bearer viewer-token',
      traceparent: 'trace',
    });
    expect(detached.cacheWait).not.toBe(scope.cacheWait);
    detached.deadline.cancel();
    expect(detached.deadline.signal.aborted).toBe(true);
  });
});
