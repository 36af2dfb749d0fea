import { expect, it } from 'vitest';
import { createActivityBuffer } from '../../shared/domains/analytics/activity-buffer.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const activity = { type: 'SEARCHED', subjectId: null, at: '2026-11-01T00:00:00.000Z', viewerId: null } as const;

it('ends within half a second though its service hangs, and counts what will never arrive', async () => {
  const clock = createFakeClock();
  const dropped: number[] = [];
  const buffer = createActivityBuffer(() => new Promise(() => {}), clock, {
    maxBatch: 2,
    onDropped: (count) => dropped.push(count),
  });
  buffer.add([activity, activity, activity]);
  let isClosed = false;
  const closed = buffer.close().then(() => {
    isClosed = true;
  });
  await clock.advance(499);
  expect(isClosed).toBe(false);
  await clock.advance(1);
  await closed;
  expect(dropped).toEqual([1]);
});

it('sends what is left and waits for nothing more', async () => {
  const clock = createFakeClock();
  const sent: number[] = [];
  const buffer = createActivityBuffer(async (batch) => void sent.push(batch.length), clock);
  buffer.add([activity, activity]);
  await buffer.close();
  expect(sent).toEqual([2]);
});
