import { expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeService, createTestCache, only, requestScope, thingRead } from './cache-kit.ts';

it.each([413, 414, 431])('a batch that is refused with %i for its length is asked for in halves', async (status) => {
  const asked: number[] = [];
  const read = thingRead(createFakeService(), {
    maxBatch: 8,
    fetch: async (ids) => {
      asked.push(ids.length);
      if (ids.length > 2) throw new AppError('BAD_USER_INPUT', 'That is too long.', { service: 'shop', status });
      return new Map(ids.map((id) => [id, { thing: { id, revision: 1, owner: null } }]));
    },
  });
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const clock = createFakeClock();
  const results = await createTestCache(clock).many(read, ids, requestScope(clock));
  expect(results.map((result) => only([result]).value.id)).toEqual(ids);
  expect(asked).toEqual([8, 4, 4, 2, 2, 2, 2]);
});
