import { expect, it } from 'vitest';
import { createLineBudget } from '../../../shared/observability/line-budget.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function openBudget(maxPerSecond: number) {
  const clock = createFakeClock();
  const leftOut: [kind: string, count: number][] = [];
  const mayWrite = createLineBudget<string>({
    maxPerSecond,
    onLeftOut: (kind, count) => leftOut.push([kind, count]),
    clock,
  });
  const writeMany = (kind: string, times: number) =>
    Array.from({ length: times }, () => mayWrite(kind)).filter((isWritten) => isWritten).length;
  return { clock, leftOut, writeMany };
}

it('lets so many of each kind pass in a second, and as many in the next', async () => {
  const { clock, writeMany } = openBudget(5);
  expect([writeMany('a', 8), writeMany('b', 3)]).toEqual([5, 3]);
  await clock.advance(1000);
  expect([writeMany('a', 8), writeMany('b', 8)]).toEqual([5, 5]);
});

it('tells what it left out when the second is over, though nothing comes any more', async () => {
  const { clock, leftOut, writeMany } = openBudget(5);
  writeMany('a', 8);
  writeMany('b', 5);
  await clock.advance(999);
  expect(leftOut).toEqual([]);
  await clock.advance(1);
  expect(leftOut).toEqual([['a', 3]]);
  await clock.advance(60_000);
  expect([leftOut.length, clock.pendingTimers]).toEqual([1, 0]);
});
