import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type AttemptResult, unsentResult, verdictOf } from '../../../shared/downstream/attempt-result.ts';
import { backoffMs, mayRepeat } from '../../../shared/downstream/retry.ts';
import { retryAfterMs } from '../../../shared/downstream/retry-after.ts';

function result(over: Partial<AttemptResult>): AttemptResult {
  return { ...unsentResult('network'), wasSent: true, ...over };
}

test('an attempt that never left, for its deadline was over in our own queue, says nothing of the service', () => {
  expect(verdictOf(unsentResult('deadline'), 0)).toBe('nothing');
});

describe('what may be repeated', () => {
  test.each([
    ['network', true],
    ['timeout', true],
    ['server-error', true],
    ['unreadable', false],
    ['rate-limited', false],
    ['deadline', false],
    ['cancelled', false],
    ['overloaded', false],
    ['no-instance', false],
    ['invalid', false],
    [null, false],
  ] as const)('of an idempotent call that ended with %s: %s', (failure, expected) => {
    expect(mayRepeat(result({ failure }), true)).toBe(expected);
  });

  test('a write without a key is repeated only if it was never sent', () => {
    expect(mayRepeat(result({ failure: 'network', wasSent: true }), false)).toBe(false);
    expect(mayRepeat(result({ failure: 'network', wasSent: false }), false)).toBe(true);
    expect(mayRepeat(result({ failure: 'timeout', wasSent: false }), false)).toBe(true);
    expect(mayRepeat(result({ failure: 'server-error' }), false)).toBe(false);
  });

  test('a 429 is repeated only when it says when', () => {
    expect(mayRepeat(result({ failure: 'rate-limited', retryAfterMs: 1000 }), true)).toBe(true);
    expect(mayRepeat(result({ failure: 'rate-limited', retryAfterMs: 1000 }), false)).toBe(false);
  });
});

describe('the wait', () => {
  const policy = { backoffBaseMs: 100, backoffCapMs: 1000 };

  test('is anything up to 100, 200, 400, 800 and then 1000 ms', () => {
    const longest = [1, 2, 3, 4, 5, 6].map((n) => backoffMs(n, undefined, { policy, random: () => 1 }));
    expect(longest).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(backoffMs(3, undefined, { policy, random: () => 0 })).toBe(0);
  });

  test('is never shorter than the service asked for, and endless where it asked for more than the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(2000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, asked, r) => {
          const waitMs = backoffMs(n, asked, { policy, random: () => r });
          expect(waitMs).toBeGreaterThanOrEqual(asked);
          if (asked > 1000) expect(waitMs).toBe(Infinity);
          else expect(waitMs).toBeLessThanOrEqual(asked + 1000);
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  const wallMs = Date.UTC(2026, 10, 22, 12, 0, 0);

  test.each([
    ['7', 7000],
    [' 0 ', 0],
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['9'.repeat(400), 86_400_000],
    ['Sunday, 22-Nov-26 12:00:30 GMT', 30_000],
    ['Sun Nov 22 12:00:30 2026', 30_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['soon 12', undefined],
    ['May 1', undefined],
    ['Sun 7', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j means %s ms', (header, expected) => {
    expect(retryAfterMs(header, wallMs)).toBe(expected);
  });

  test('a date that names no zone is in UTC, wherever this process is', () => {
    vi.stubEnv('TZ', 'America/New_York');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(retryAfterMs('Sun Nov 22 12:00:30 2026', wallMs)).toBe(30_000);
  });

  test('whatever it says, it asks for a day at most', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const ms = retryAfterMs(header, wallMs);
        expect(ms === undefined || (ms >= 0 && ms <= 86_400_000)).toBe(true);
      }),
    );
  });
});
