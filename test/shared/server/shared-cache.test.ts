import { expect, it } from 'vitest';
import type { CachedRead } from '../../../shared/cache/cached-read.ts';
import type { CallScope } from '../../../shared/downstream/call-scope.ts';
import { createDeadline } from '../../../shared/downstream/deadline.ts';
import { createCallReport } from '../../../shared/graphql/call-report.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { openSharedCache } from '../../../shared/server/shared-cache.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

it('a call for several viewers has nobody’s identity, the longest cap of an attempt, and each one’s own time in its report', async () => {
  const clock = createFakeClock();
  const reports = new Map<string, ReturnType<typeof createCallReport>>();
  const answered = Promise.withResolvers<void>();
  const scopes: CallScope[] = [];
  const read: CachedRead<string, { thing: string }, CallScope> = {
    name: 'shop.things',
    service: 'shop',
    audience: 'public',
    maxBatch: 10,
    parts: { thing: { windows: { freshForMs: 1000, revalidateForMs: 0, keepForMs: 1000 }, version: 1 } },
    keyOf: (id) => [id],
    async fetch(ids, scope) {
      scopes.push(scope);
      await answered.promise;
      scope.report.add({
        service: 'shop',
        method: 'GET',
        route: '/things',
        keyCount: ids.length,
        attempts: 1,
        outcome: '200',
        startedMs: clock.nowMs() - (scope.startedAtMs ?? 0),
        durationMs: 1,
        bytes: 1,
      });
      return new Map(ids.map((id) => [id, { thing: id }]));
    },
  };
  const cache = openSharedCache({
    clock,
    logger: createLogger({ level: 'silent', server: 'test' }),
    redis: null,
    overrides: { mergeWindowMs: 1 },
    tracing: {
      open(_trace, links) {
        opened.push(links);
        return undefined;
      },
    },
  });
  const opened: unknown[] = [];
  const traceparents = Object.fromEntries(
    ['ann', 'bob', 'cho'].map((id) => {
      const digit = id.slice(0, 1);
      return [id, `00-${digit.repeat(32)}-${digit.repeat(16)}-01`];
    }),
  );
  function ask(viewerId: string, attemptCapMs: number) {
    const report = createCallReport();
    reports.set(viewerId, report);
    const deadline = createDeadline({ budgetMs: 8000, clock });
    return cache.many(read, [`thing of ${viewerId}`], {
      deadline,
      viewerId,
      authorization: `Bearer ${viewerId}`,
      correlationId: `request of ${viewerId}`,
      traceparent: traceparents[viewerId],
      trace: { begin: () => undefined },
      cacheWait: { leftMs: 100 },
      report,
      startedAtMs: clock.nowMs(),
      attemptCapMs,
    });
  }

  await clock.advance(100);
  const first = ask('ann', 1000);
  const second = ask('bob', 1000);
  await clock.advance(0.5);
  const third = ask('cho', 2000);
  await clock.advance(0.5);
  answered.resolve();
  await Promise.all([first, second, third]);

  const [own, merged] = scopes;
  expect(own).toMatchObject({ viewerId: null, authorization: null, correlationId: 'request of ann' });
  expect(merged).toMatchObject({ viewerId: null, authorization: null, attemptCapMs: 2000 });
  expect(merged?.correlationId).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.stringify(merged)).not.toMatch(/ann|bob|cho/);
  expect(opened).toEqual([['b', 'c'].map((digit) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) }))]);
  expect(Object.values(traceparents)).not.toContain(merged?.traceparent);
  const seen = [...reports].map(([viewerId, { calls }]) => [
    viewerId,
    ...calls.map(({ keyCount, startedMs }) => [keyCount, startedMs]),
  ]);
  expect(seen).toEqual([
    ['ann', [1, 1]],
    ['bob', [2, 1]],
    ['cho', [2, 0.5]],
  ]);
});
