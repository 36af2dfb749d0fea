import { expect, test } from 'vitest';
import { SectionBudget } from '../../shared/domains/section-budget.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test('what is at hand is served after the budget is over, and what is not fails at once', async () => {
  const clock = createFakeClock();
  const sections = new SectionBudget(clock, 800);
  const slow = sections.within(new Promise<string>(() => {}), 'catalog');
  const isSlowOver = expect(slow).rejects.toMatchObject({ code: 'DOWNSTREAM_TIMEOUT' });
  await clock.advance(800);
  await isSlowOver;
  const atHand = sections.within(
    Promise.resolve('profile').then((name) => name),
    'users',
  );
  const late = expect(sections.within(new Promise<string>(() => {}), 'orders')).rejects.toMatchObject({
    code: 'DOWNSTREAM_TIMEOUT',
  });
  await clock.advance(0);
  expect(await atHand).toBe('profile');
  await late;
});
