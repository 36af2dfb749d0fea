import { expect, it } from 'vitest';
import { createRepeatedDrops } from '../../../shared/cache/repeated-drops.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const dropped: string[] = [];
  const drops = createRepeatedDrops(clock, (targets: string) => dropped.push(`${targets} ${clock.nowMs() / 1000}`));
  return { clock, dropped, drops };
}

it('drops again at twice the time each, for a minute', async () => {
  const { clock, dropped, drops } = setUp();
  const beganAtS = clock.nowMs() / 1000;
  drops.add('a');
  await clock.advance(600_000);
  expect(dropped).toEqual([0.5, 1, 2, 4, 8, 16, 32, 64].map((second) => `a ${beganAtS + second}`));
});

it('forgets what was first where there is too much, and all once it is closed', async () => {
  const { clock, dropped, drops } = setUp();
  for (let index = 0; index < 10_005; index += 1) drops.add(`${index}`);
  await clock.advance(500);
  expect(dropped).toHaveLength(10_000);
  expect(dropped[0]).toMatch(/^5 /);
  drops.close();
  await clock.advance(600_000);
  expect(dropped).toHaveLength(10_000);
});
