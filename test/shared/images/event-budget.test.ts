import { expect, it } from 'vitest';
import { boundEvents } from '../../../shared/images/event-budget.ts';
import { type ImageEvent, problemEvent, refusedEvent } from '../../../shared/images/image-event.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const refused = (status: number) => refusedEvent({ status, reason: 'because', path: '/', origin: null });

it('hands on 20 of each kind in a second, and counts the rest: none of them is lost to a sum', async () => {
  const clock = createFakeClock();
  const told: ImageEvent[] = [];
  const tell = boundEvents((event) => told.push(event), clock);
  for (let times = 0; times < 500; times += 1) tell(refused(403));
  for (let times = 0; times < 30; times += 1) tell(problemEvent('the disk is full', null));
  tell(refused(504));
  const statuses = told.map((event) => (event.type === 'refused' ? event.status : event.type));
  expect(statuses).toEqual([...Array(20).fill(403), ...Array(20).fill('problem'), 504]);
  await clock.advance(1000);
  expect(told.slice(41)).toEqual([
    { type: 'left-out', status: 403, count: 480 },
    { type: 'left-out', status: null, count: 10 },
  ]);
});
