import { expect, test } from 'vitest';
import { SectionBudget } from '../../shared/domains/section-budget.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test.each([
  [800, 740],
  [100, 90],
])('sections that have %i ms are waited for %i, and the answer has the rest', async (budgetMs, waitedMs) => {
  const clock = createFakeClock();
  const sections = new SectionBudget(clock, budgetMs);
  let isOver = false;
  sections.within('catalog', () => new Promise(() => {})).catch(() => (isOver = true));
  expect(sections.leftMs()).toBe(waitedMs);
  await clock.advance(waitedMs - 1);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(isOver).toBe(true);
});

test('what is at hand is served after the budget is over, and what is not fails at once', async () => {
  const clock = createFakeClock();
  const sections = new SectionBudget(clock, 800);
  const codeOf = (answer: Promise<unknown>): Promise<unknown> => answer.catch((error: { code?: string }) => error.code);
  const hanging = new Promise<string>(() => {});
  const slow = codeOf(sections.within('catalog', () => hanging));
  await clock.advance(740);
  expect(await slow).toBe('DOWNSTREAM_TIMEOUT');
  const atHand = codeOf(sections.within('users', () => Promise.resolve('profile').then(String)));
  const late = codeOf(sections.within('orders', () => hanging));
  await clock.advance(0);
  expect([await atHand, await late]).toEqual(['profile', 'DOWNSTREAM_TIMEOUT']);
});

test('of a list, the items that are there in time are served, and the others have failed each in its place', async () => {
  const clock = createFakeClock();
  const sections = new SectionBudget(clock, 800);
  const late = Promise.withResolvers<string>();
  const shown = sections.itemsWithin('catalog', () => [
    Promise.resolve('lamp'),
    late.promise,
    Promise.reject(new Error('gone')),
  ]);
  await clock.advance(740);
  const items = await shown;
  late.resolve('chair');
  await late.promise;
  expect(items).toEqual(['lamp', expect.objectContaining({ code: 'DOWNSTREAM_TIMEOUT' }), new Error('gone')]);

  const afterwards = sections.itemsWithin('catalog', () => [Promise.resolve('lamp'), new Promise(() => {})]);
  await clock.advance(0);
  expect(await afterwards).toEqual(['lamp', expect.objectContaining({ code: 'DOWNSTREAM_TIMEOUT' })]);
});
