import { expect, it } from 'vitest';
import { capFreshness } from '../../../shared/cache/freshness-cap.ts';
import { failure, openCache, requestScope, thingRead } from './cache-kit.ts';

it('asks again as soon as the cap is over, and serves what is kept for as long as declared', async () => {
  const { cache, clock, service } = openCache();
  const reads = capFreshness(cache, 2000);
  const read = thingRead(service);
  const ask = async () => (await reads.many(read, ['a'], requestScope(clock)))[0];
  await ask();
  await clock.advance(1500);
  expect(await ask()).toMatchObject({ thing: { origin: 'fresh' } });
  expect(service.calls).toHaveLength(1);

  service.failure = failure('DOWNSTREAM_UNAVAILABLE');
  await clock.advance(3500);
  expect(await ask()).toMatchObject({ thing: { origin: 'kept', value: { revision: 1 } } });
  await clock.advance(3_500_000);
  expect(await ask()).toMatchObject({ thing: { origin: 'kept' } });
  await clock.advance(100_000);
  expect(await ask()).toBe(service.failure);
});

it('drops as the cache itself does', async () => {
  const { cache, clock, service } = openCache();
  const reads = capFreshness(cache, 2000);
  const read = thingRead(service);
  await reads.many(read, ['a'], requestScope(clock));
  service.revision = 2;
  await reads.drop({ viewerId: null, tags: ['thing:a'] });
  expect(await reads.many(read, ['a'], requestScope(clock))).toMatchObject([{ thing: { value: { revision: 2 } } }]);
});
