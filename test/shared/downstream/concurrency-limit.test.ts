import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createConcurrencyLimit, type SlotWaiter } from '../../../shared/downstream/concurrency-limit.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const policy = { maxInFlight: 2, maxQueued: 2, queueWaitMs: 50 };

interface Guest extends SlotWaiter {
  turn: boolean | undefined;
}

function createGuest(): Guest {
  return {
    turn: undefined,
    onTurn(isGranted) {
      expect(this.turn).toBeUndefined();
      this.turn = isGranted;
    },
  };
}

test('lets so many in, so many wait, and no more', () => {
  const limit = createConcurrencyLimit(createFakeClock(), policy);
  const results = Array.from({ length: 5 }, () => limit.join(createGuest()));
  expect(results).toEqual(['entered', 'entered', 'queued', 'queued', 'full']);
  expect([limit.inFlight, limit.queued]).toEqual([2, 2]);
});

test('who waits longest is next', () => {
  const limit = createConcurrencyLimit(createFakeClock(), policy);
  limit.join(createGuest());
  limit.join(createGuest());
  const first = createGuest();
  const second = createGuest();
  limit.join(first);
  limit.join(second);
  limit.leave();
  expect([first.turn, second.turn, limit.inFlight]).toEqual([true, undefined, 2]);
});

test('nobody waits longer than 50 ms', () => {
  const clock = createFakeClock();
  const limit = createConcurrencyLimit(clock, policy);
  limit.join(createGuest());
  limit.join(createGuest());
  const guest = createGuest();
  limit.join(guest);
  clock.advanceSync(49);
  expect(guest.turn).toBeUndefined();
  clock.advanceSync(1);
  expect(guest.turn).toBe(false);
  expect(limit.queued).toBe(0);
});

test('who gives its place up is not called', () => {
  const clock = createFakeClock();
  const limit = createConcurrencyLimit(clock, policy);
  limit.join(createGuest());
  limit.join(createGuest());
  const guest = createGuest();
  limit.join(guest);
  limit.withdraw(guest);
  limit.leave();
  clock.advanceSync(1000);
  expect(guest.turn).toBeUndefined();
  expect([limit.inFlight, limit.queued, clock.pendingTimers]).toEqual([1, 0, 0]);
});

test('who gives up a place that it does not have takes nobody else’s', () => {
  const limit = createConcurrencyLimit(createFakeClock(), policy);
  limit.join(createGuest());
  limit.join(createGuest());
  const guest = createGuest();
  limit.join(guest);
  limit.withdraw(createGuest());
  limit.leave();
  expect([guest.turn, limit.inFlight, limit.queued]).toEqual([true, 2, 0]);
});

test('without a limit everybody goes in', () => {
  const limit = createConcurrencyLimit(createFakeClock(), { ...policy, maxInFlight: Infinity });
  for (let i = 0; i < 10_000; i++) expect(limit.join(createGuest())).toBe('entered');
});

test('whatever the schedule, no slot is lost or lent twice', () => {
  const step = fc.oneof(
    fc.constant('join' as const),
    fc.constant('leave' as const),
    fc.constant('withdraw' as const),
    fc.constant('wait' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const clock = createFakeClock();
      const limit = createConcurrencyLimit(clock, policy);
      const waiting: Guest[] = [];
      let inside = 0;
      const settle = (): void => {
        for (const guest of waiting.splice(0)) {
          if (guest.turn === true) inside++;
          else if (guest.turn === undefined) waiting.push(guest);
        }
      };
      for (const action of steps) {
        if (action === 'join') {
          const guest = createGuest();
          const joined = limit.join(guest);
          if (joined === 'entered') inside++;
          else if (joined === 'queued') waiting.push(guest);
        } else if (action === 'leave' && inside > 0) {
          inside--;
          limit.leave();
        } else if (action === 'withdraw') {
          const guest = waiting.pop();
          if (guest) limit.withdraw(guest);
        } else if (action === 'wait') clock.advanceSync(20);
        settle();
        expect(limit.inFlight).toBe(inside);
        expect(inside).toBeLessThanOrEqual(2);
        expect(limit.queued).toBe(waiting.length);
        // Nobody waits beside a free slot.
        expect(inside < 2 ? waiting.length : 0).toBe(0);
      }
    }),
  );
});
