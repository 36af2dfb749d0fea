import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRetryBudget } from '../../../shared/downstream/retry-budget.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const policy = { retryBudgetRatio: 0.2, retryBudgetPerSecond: 10 };

function take(budget: { withdraw(): boolean }, times: number): number {
  let taken = 0;
  for (let i = 0; i < times; i++) if (budget.withdraw()) taken++;
  return taken;
}

test('a quiet service has ten repeats a second', () => {
  const clock = createFakeClock();
  const budget = createRetryBudget(clock, policy);
  expect(take(budget, 50)).toBe(10);
  clock.advanceSync(500);
  expect(take(budget, 50)).toBe(5);
});

test('an idle hour saves up no more than one second does', () => {
  const clock = createFakeClock();
  const budget = createRetryBudget(clock, policy);
  clock.advanceSync(3_600_000);
  expect(take(budget, 5000)).toBe(10);
});

test('five calls earn one repeat', () => {
  const budget = createRetryBudget(createFakeClock(), policy);
  take(budget, 10);
  for (let i = 0; i < 4; i++) budget.deposit();
  expect(budget.withdraw()).toBe(false);
  budget.deposit();
  expect(take(budget, 5)).toBe(1);
});

test('nothing at all allows nothing', () => {
  const clock = createFakeClock();
  const budget = createRetryBudget(clock, { retryBudgetRatio: 0, retryBudgetPerSecond: 0 });
  budget.deposit();
  clock.advanceSync(10_000);
  expect(budget.withdraw()).toBe(false);
});

test('an infinite one allows everything', () => {
  const budget = createRetryBudget(createFakeClock(), { ...policy, retryBudgetPerSecond: Infinity });
  expect(take(budget, 100_000)).toBe(100_000);
});

test('a jump of the wall clock earns nothing', () => {
  const clock = createFakeClock();
  const budget = createRetryBudget(clock, policy);
  take(budget, 10);
  clock.jumpWall(3_600_000);
  expect(budget.withdraw()).toBe(false);
});

test('whatever the schedule, repeats stay within a fifth of the calls and ten a second, in every stretch of it', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('call' as const), times: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ do: fc.constant('retry' as const), times: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ do: fc.constant('wait' as const), times: fc.integer({ min: 1, max: 5000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const clock = createFakeClock();
      const budget = createRetryBudget(clock, policy);
      const marks = [{ atMs: 0, calls: 0, retries: 0 }];
      let calls = 0;
      let retries = 0;
      let worst = -Infinity;
      for (const action of steps) {
        if (action.do === 'wait') clock.advanceSync(action.times);
        else if (action.do === 'retry') retries += take(budget, action.times);
        else {
          for (let i = 0; i < action.times; i++) budget.deposit();
          calls += action.times;
        }
        for (const mark of marks) {
          const allowed = 10 + 0.2 * (calls - mark.calls) + (10 * (clock.nowMs() - mark.atMs)) / 1000;
          worst = Math.max(worst, retries - mark.retries - allowed);
        }
        marks.push({ atMs: clock.nowMs(), calls, retries });
      }
      expect(worst).toBeLessThanOrEqual(1e-6);
    }),
  );
});
