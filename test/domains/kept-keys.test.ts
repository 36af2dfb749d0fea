import { expect, test } from 'vitest';
import { createAnalyticsClient } from '../../shared/domains/analytics/client.ts';
import type { Downstream } from '../../shared/downstream/downstream.ts';

const nobody = { call: () => Promise.reject(new Error('Nothing is asked.')) } as unknown as Downstream;

test('a period’s spending is found again hours later: what is kept for a day stands in for a day', () => {
  const { spending } = createAnalyticsClient(nobody);
  const key = (from: string, to: string) => spending.keyOf({ from, to });
  const early = key('2026-10-01T10:00:00.000Z', '2026-10-31T10:00:00.000Z');
  expect(key('2026-10-01T19:00:00.000Z', '2026-10-31T19:00:00.000Z')).toEqual(early);
  expect(key('2026-08-02T10:00:00.000Z', '2026-10-31T10:00:00.000Z')).not.toEqual(early);
});
