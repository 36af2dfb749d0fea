import { describe, expect, test } from 'vitest';
import { createCallReport, type ReportedCall } from '../../../shared/graphql/call-report.ts';

const call = (changes: Partial<ReportedCall> = {}): ReportedCall => ({
  service: 'catalog',
  method: 'GET',
  route: '/products',
  keyCount: 10,
  attempts: 1,
  outcome: '200',
  startedMs: 0,
  durationMs: 10,
  bytes: 100,
  ...changes,
});

function flagsOf(...calls: readonly ReportedCall[]) {
  const report = createCallReport();
  for (const each of calls) report.add(each);
  return report.findFlags().map(({ flag, service, route, calls: count }) => [flag, service, route, count]);
}

describe('a report on downstream calls', () => {
  test('lists calls and look-ups, and keeps counting past 100', () => {
    const report = createCallReport();
    for (let i = 0; i < 250; i += 1) report.add(call());
    for (let i = 0; i < 250; i += 1) report.addCacheLookup('catalog.products', { fresh: 1 });
    expect(report.callCount).toBe(250);
    expect(report.calls).toHaveLength(100);
    expect(report.lookups).toHaveLength(100);
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      callCount: 250,
      lookups: [{ read: 'catalog.products', counts: { fresh: 1 } }, ...report.lookups.slice(1)],
    });
  });

  test('tells the calls that were let out from those that were kept in', () => {
    const report = createCallReport();
    for (const attempts of [0, 1, 3]) report.add(call({ attempts }));
    expect([report.callCount, report.sentCount]).toEqual([3, 2]);
  });

  test('flags a route that is asked item by item', () => {
    const one = call({ route: '/products/{id}', keyCount: 1 });
    expect(flagsOf(one, one, one)).toEqual([['N_PLUS_ONE', 'catalog', '/products/{id}', 3]]);
    expect(flagsOf(one, one)).toEqual([]);
    expect(flagsOf(call(), call(), call())).toEqual([]);
    expect(flagsOf(one, call({ service: 'orders', keyCount: 1 }), { ...one, route: '/other' })).toEqual([]);
  });

  test('flags calls of one route that waited for one another', () => {
    expect(flagsOf(call(), call({ startedMs: 10 }))).toEqual([['AVOIDABLE_SEQUENCE', 'catalog', '/products', 2]]);
    expect(flagsOf(call(), call({ startedMs: 5 }), call({ startedMs: 12 }))).toEqual([
      ['AVOIDABLE_SEQUENCE', 'catalog', '/products', 2],
    ]);
    expect(flagsOf(call(), call({ startedMs: 9 }))).toEqual([]);
    expect(flagsOf(call(), call({ route: '/search', startedMs: 10 }))).toEqual([]);
  });

  test('leaves writes alone: they come one after another by design', () => {
    const write = call({ method: 'POST', keyCount: 1 });
    expect(flagsOf(write, { ...write, startedMs: 10 }, { ...write, startedMs: 20 })).toEqual([]);
  });
});
