import { expect, test } from 'vitest';
import { type AttemptResult, unsentResult } from '../../../shared/downstream/attempt-result.ts';
import { hedgedRead } from '../../../shared/downstream/hedged-read.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const good: AttemptResult = { ...unsentResult('network'), failure: null, status: 200 };
const bad = unsentResult('network');

function createAttempt() {
  const { promise: ended, resolve: end } = Promise.withResolvers<AttemptResult>();
  const attempt = { ended, end, givenUp: 0, outrun: () => void (attempt.givenUp += 1) };
  return attempt;
}

test.each([
  ['the first is good', ['first', good], good, [0, 1]],
  ['the second is good', ['second', good], good, [1, 0]],
  ['the first fails, and the second is good', ['first', bad, 'second', good], good, [0, 0]],
  ['the second fails, and the first is good', ['second', bad, 'first', good], good, [0, 0]],
  ['both fail', ['first', bad, 'second', bad], bad, [0, 0]],
] as const)(
  'of two attempts, where %s, only one that is under way is given up',
  async (_name, ends, result, givenUp) => {
    const clock = createFakeClock();
    const attempts = { first: createAttempt(), second: createAttempt() };
    const read = hedgedRead(attempts.first, { clock, afterMs: 20, second: () => attempts.second });
    await clock.advance(20);
    for (let at = 0; at < ends.length; at += 2) {
      attempts[ends[at] as 'first' | 'second'].end(ends[at + 1] as AttemptResult);
      await clock.advance(0);
    }
    expect(await read).toBe(result);
    expect([attempts.first.givenUp, attempts.second.givenUp]).toEqual(givenUp);
  },
);

test.each([good, bad])(
  'a read that ends before its hedge is due has no second attempt and no timer',
  async (result) => {
    const clock = createFakeClock();
    const first = createAttempt();
    const second = (): never => {
      throw new Error('was begun');
    };
    const read = hedgedRead(first, { clock, afterMs: 20, second });
    first.end(result);
    expect(await read).toBe(result);
    expect(clock.pendingTimers).toBe(0);
  },
);
