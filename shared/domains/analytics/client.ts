import type { CachedRead } from '../../cache/cached-read.ts';
import type { CallScope } from '../../downstream/call-scope.ts';
import type { Downstream } from '../../downstream/downstream.ts';
import type { Endpoint } from '../../downstream/endpoint.ts';
import { unreadable, WireReader, type WireRecord } from '../../wire-reader.ts';
import type { Activity, Spending, SpendingRequest, SpendingTotalsModel } from './model.ts';

export const analyticsEndpoints = {
  spending: {
    service: 'analytics',
    method: 'GET',
    route: '/spending',
    identity: 'viewer',
    query: ['userId', 'days', 'compare'],
  },
  events: { service: 'analytics', method: 'POST', route: '/events', identity: 'service' },
} as const satisfies Record<string, Endpoint>;

/** An activity with whose it was. */
export interface TrackedActivity extends Activity {
  readonly viewerId: string | null;
}

/** The analytics service's reads and writes. */
export interface AnalyticsClient {
  readonly spending: CachedRead<SpendingRequest, { readonly spending: Spending }, CallScope>;
  /** Sends up to 500 activities. */
  send(activities: readonly TrackedActivity[], scope: CallScope): Promise<void>;
}

/** Declares every call that this layer makes to the analytics service. */
export function createAnalyticsClient(downstream: Downstream): AnalyticsClient {
  return {
    spending: {
      name: 'analytics.spending',
      service: 'analytics',
      audience: 'viewer',
      maxBatch: 1,
      parts: {
        spending: { version: 1, windows: { freshForMs: 300_000, revalidateForMs: 300_000, keepForMs: 24 * 3_600_000 } },
      },
      keyOf: ({ days }) => [String(days)],
      async fetch([request], scope) {
        if (request === undefined || scope.viewerId === null) return new Map();
        const query = { userId: scope.viewerId, days: request.days, compare: 'previous-period' };
        const answer = await downstream.call(analyticsEndpoints.spending, { query }, scope);
        return new Map([[request, { spending: readSpending(answer.body, scope.viewerId) }]]);
      },
    },
    async send(activities, scope) {
      const events = activities.map(({ type, subjectId, at, viewerId }) => ({
        type: type.toLowerCase().replace('_', '-'),
        subjectId,
        at,
        userId: viewerId,
        installId: null,
      }));
      await downstream.call(analyticsEndpoints.events, { body: { events }, keyCount: events.length }, scope);
    },
  };
}

function readSpending(body: unknown, viewerId: string): Spending {
  const wire = new WireReader('analytics');
  const record = wire.ownedRecord(body, 'spending', viewerId);
  const totals = wire.nested(record, 'totals', (nested) => readTotals(wire, nested));
  return wire.finish({
    from: wire.time(record, 'from'),
    to: wire.time(record, 'to'),
    totals,
    previousTotals: wire.nested(record, 'previous', (previous) =>
      wire.nested(previous, 'totals', (nested) => readTotals(wire, nested)),
    ),
    months: wire.nestedList(record, 'months', (month) => ({
      month: wire.text(month, 'month'),
      spent: wire.money(month, 'spent'),
      orderCount: wire.integer(month, 'orders'),
    })),
    categories: wire.nestedList(record, 'categories', (category) => {
      const spent = wire.money(category, 'spent');
      return {
        categoryId: wire.reference(category, 'categoryId'),
        name: wire.text(category, 'label'),
        spent,
        sharePercent: unreadable(spent, totals, totals.spent) ?? percentOf(spent.amount, totals.spent.amount),
      };
    }),
  });
}

function readTotals(wire: WireReader, record: WireRecord): SpendingTotalsModel {
  return {
    spent: wire.money(record, 'spent'),
    orderCount: wire.integer(record, 'orders'),
    productCount: wire.integer(record, 'items'),
  };
}

/** With one decimal; 0 where there is no whole to be a part of. */
function percentOf(part: number, whole: number): number {
  return whole > 0 ? Math.round((part / whole) * 1000) / 10 : 0;
}
