import { expect } from 'vitest';
import type { ReportedCall, ReportedLookup, ReportFlag } from '../../shared/graphql/call-report.ts';
import type { GraphqlAnswer } from './stack.ts';

/** `extensions.report` of an answer: what a server in development says it took. */
export interface ShownReport {
  readonly callCount: number;
  readonly calls: readonly ReportedCall[];
  readonly lookups: readonly ReportedLookup[];
  readonly flags: readonly ReportFlag[];
}

export function reportOf({ body }: GraphqlAnswer): ShownReport {
  const report = body.extensions?.['report'] as ShownReport | undefined;
  if (report === undefined) throw new Error('The answer has no report: is its server in development?');
  return report;
}

/** Holds an answer to so many downstream calls, none of them asked for item by item or one after another without need. */
export function expectFrugal(answer: GraphqlAnswer, limit: { readonly maxCalls: number }): void {
  const { callCount, calls, flags } = reportOf(answer);
  expect(flags).toEqual([]);
  const routes = calls.map(({ method, route, keyCount }) => `${method} ${route} for ${keyCount}`);
  expect(callCount, routes.join(', ')).toBeLessThanOrEqual(limit.maxCalls);
}
