import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DegradedReport } from '../../../shared/graphql/degraded-log.ts';
import { createKeptAnswers } from '../../../shared/graphql/kept-answers.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

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
    more: { operation?: object; hasStandins?: boolean; degraded?: DegradedReport; isPersonal?: boolean } = {},
  ) =>
    ({
      errorCodes: new Set(),
      ready: {
        operation: more.operation ?? operation,
        context: {
          parts: {
            isWhole: true,
            wasFetched: false,
            hasStandins: more.hasStandins ?? false,
            size,
            isCurrent: () => true,
          },
          degraded: { count: more.degraded?.length ?? 0, toReport: () => more.degraded },
          audience: { isPersonal: more.isPersonal ?? false },
        },
      },
    }) as never;
  const stale = (ageSeconds: number): DegradedReport => [
    { path: ['a'], service: 'shop', reason: 'CIRCUIT_OPEN', ageSeconds, count: 1 },
  ];
  const degradedText = (degraded: DegradedReport) => JSON.stringify({ data: { a: 1 }, extensions: { degraded } });
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

  it('holds its own bytes alone, none of the slab that Node cuts small buffers from', async () => {
    const clock = createFakeClock();
    const kept = createKeptAnswers({ clock });
    const [text, report] = [degradedText(stale(7)), { hasStandins: true, degraded: stale(7) }];
    kept.keep(question('a'), answer(text), madeOf(1, report));
    const held = () => kept.find(question('a'))?.body.buffer.byteLength;
    expect(held()).toBe(text.length);
    await clock.advance(1000);
    expect(held()).toBe(text.length);
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

  it('is an answer with what stands in, and none that is degraded for its request alone', () => {
    const kept = createKeptAnswers();
    kept.keep(question('a'), answer(degradedText(stale(7))), madeOf(1, { hasStandins: true, degraded: stale(7) }));
    kept.keep(question('b'), answer(degradedText(stale(7))), madeOf(1, { degraded: stale(7) }));
    expect(['a', 'b'].filter((id) => kept.find(question(id)) !== undefined)).toEqual(['a']);
  });

  it('is none whose document says how stale it may be', () => {
    const kept = createKeptAnswers();
    const limited = { ...plain, limitsStaleness: true };
    kept.keep(question('a'), answer('{}'), madeOf(1, { operation: limited }));
    expect(kept.find(question('a'))).toBeUndefined();
  });

  it('grows older: the ages in it are those of the second in which it is given, and its bytes are the same for as long', async () => {
    const clock = createFakeClock();
    const kept = createKeptAnswers({ clock });
    const report = (seconds: number): DegradedReport => [
      ...stale(7 + seconds),
      { path: ['b'], service: 'shop', reason: 'DEFAULT', ageSeconds: 0, count: 2 },
      { more: 3 },
    ];
    kept.keep(question('a'), answer(degradedText(report(0))), madeOf(1, { hasStandins: true, degraded: report(0) }));
    const given = () => kept.find(question('a'))?.body;
    const first = given();
    expect(first?.toString()).toBe(degradedText(report(0)));
    await clock.advance(999);
    expect(given()).toBe(first);
    await clock.advance(1);
    const second = given();
    expect(second?.toString()).toBe(degradedText(report(1)));
    await clock.advance(3500);
    expect(given()?.toString()).toBe(degradedText(report(4)));
    expect(given()).toBe(given());
  });

  it('is none that tells ages elsewhere than at its end', () => {
    const kept = createKeptAnswers();
    const text = '{"extensions":{"degraded":[]},"data":{"a":1}}';
    kept.keep(question('a'), answer(text), madeOf(1, { hasStandins: true, degraded: stale(7) }));
    expect(kept.find(question('a'))).toBeUndefined();
  });
});
