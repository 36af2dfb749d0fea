import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createKeptAnswers } from '../../../shared/graphql/kept-answers.ts';

describe('what is kept of answers', () => {
  const plain = {
    definition: { operation: 'query' },
    isNeverStale: false,
    limitsStaleness: false,
    sensitiveFields: [],
  };
  const operation = plain as never;
  const madeOf = (
    size: number,
    more: { operation?: object; hasStandins?: boolean; degraded?: number; isPersonal?: boolean } = {},
  ) =>
    ({
      errorCodes: new Set(),
      ready: {
        operation: more.operation ?? operation,
        context: {
          parts: { isWhole: true, hasStandins: more.hasStandins ?? false, size, isFresh: () => true },
          degraded: { count: more.degraded ?? 0 },
          report: { callCount: 0, sentCount: 0 },
          audience: { isPersonal: more.isPersonal ?? false },
        },
      },
    }) as never;
  const question = (id: string) => ({ method: 'POST', operation, variables: { id }, viewer: null });
  const answer = (body: string) => ({ cacheControl: 'no-store', usage: {} as never, body });

  it('is bounded in bytes, and the oldest goes first', () => {
    const kept = createKeptAnswers({ maxBytes: 100_000 });
    for (let i = 0; i < 1000; i += 1) kept.keep(question(`${i}`), answer('x'.repeat(1000)), madeOf(1));
    const left = Array.from({ length: 1000 }, (_, i) => i).filter((i) => kept.find(question(`${i}`)) !== undefined);
    expect(left.length).toBeGreaterThan(20);
    expect(left.length).toBeLessThan(100);
    expect(left[0]).toBe(1000 - left.length);
  });

  it('forgets what is a viewer’s within 30 s, whether somebody asks or not', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const kept = createKeptAnswers();
    kept.keep(question('a'), answer('{}'), madeOf(1));
    kept.keep(question('b'), answer('{}'), madeOf(1, { isPersonal: true }));
    expect(kept.count).toBe(2);
    vi.advanceTimersByTime(20_000);
    expect(kept.count).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(kept.count).toBe(1);
    expect(kept.find(question('a'))).toBeDefined();
  });

  it('weighs what an answer was made of, too', () => {
    const kept = createKeptAnswers({ maxBytes: 100_000 });
    for (const id of ['a', 'b', 'c']) kept.keep(question(id), answer('{}'), madeOf(400));
    expect(['a', 'b', 'c'].filter((id) => kept.find(question(id)) !== undefined)).toEqual(['b', 'c']);
  });

  it('is no answer that is larger than all of it, and no question that is long', () => {
    const kept = createKeptAnswers({ maxBytes: 10_000 });
    kept.keep(question('a'), answer('x'.repeat(10_000)), madeOf(1));
    kept.keep(question('b'.repeat(1000)), answer('{}'), madeOf(1));
    expect(kept.find(question('a'))).toBeUndefined();
    expect(kept.find(question('b'.repeat(1000)))).toBeUndefined();
  });

  it('is an answer with what stands in, unless its document says how stale that may be', () => {
    const kept = createKeptAnswers();
    kept.keep(question('a'), answer('{}'), madeOf(1, { hasStandins: true, degraded: 1 }));
    kept.keep(
      question('b'),
      answer('{}'),
      madeOf(1, { hasStandins: true, operation: { ...plain, limitsStaleness: true } }),
    );
    kept.keep(question('c'), answer('{}'), madeOf(1, { degraded: 1 }));
    expect(['a', 'b', 'c'].filter((id) => kept.find(question(id)) !== undefined)).toEqual(['a']);
  });
});
