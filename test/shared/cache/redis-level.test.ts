import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { createFakeService, requestScope, startReplica, thingRead } from './cache-kit.ts';

describe('two processes over one Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.close());

  it('share what one of them has fetched', async () => {
    const [a, b] = [startReplica(redis.url), startReplica(redis.url)];
    await Promise.all([a.untilHearing(), b.untilHearing()]);
    const service = createFakeService();
    const read = thingRead(service);
    console.log(JSON.stringify(await a.cache.many(read, ['x', 'y'], requestScope(systemClock))));
    await new Promise((r) => setTimeout(r, 30));
    const scope = requestScope(systemClock);
    console.log(JSON.stringify(await b.cache.many(read, ['x', 'y'], scope)), scope.lookups, scope.cacheWait);
    console.log(JSON.stringify(await b.cache.many(read, ['x', 'y'], scope)), scope.lookups);
    expect(service.calls).toEqual([['x', 'y']]);
    console.log(await redis.command('KEYS', '*'));
    const vread = thingRead(service, { name: 'shop.mine', audience: 'viewer' });
    const v = () => requestScope(systemClock, { viewerId: 'ann' });
    console.log(JSON.stringify(await a.cache.many(vread, ['x'], v())));
    await new Promise((r) => setTimeout(r, 30));
    console.log(JSON.stringify(await b.cache.many(vread, ['x'], v())));
    service.revision += 1;
    await a.cache.drop({ viewerId: 'ann', reads: ['shop.mine'] });
    console.log(
      'dropped',
      JSON.stringify(await b.cache.many(vread, ['x'], v())),
      JSON.stringify(await a.cache.many(vread, ['x'], v())),
      service.calls.length,
    );
    console.log(await a.cache.purgeViewer('ann'), a.events, b.events);
    await a.close();
    await b.close();
  });
});
