import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { createFakeService, only, requestScope, thingRead } from './cache-kit.ts';
import { eventually, type Replica, startReplica } from './replica.ts';

let redis: RedisServer;
let proxies: [TcpProxy, TcpProxy];
let fleet: [Replica, Replica];

beforeAll(async () => {
  redis = await startRedisServer();
  proxies = [await startTcpProxy(redis.port), await startTcpProxy(redis.port)];
  fleet = [replicaBehind(proxies[0]), replicaBehind(proxies[1])];
});
afterAll(async () => {
  await Promise.all(fleet.map((replica) => replica.close()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await redis.close();
});

/** A Redis that fails again and again is left to rest, up to half a minute: these schedules have no time for that. */
function replicaBehind({ port }: TcpProxy): Replica {
  return startReplica(`redis://127.0.0.1:${port}`, { gateway: { breaker: { firstRestMs: 50, maxRestMs: 200 } } });
}

const who = fc.constantFrom(0 as const, 1 as const);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('read' as const), who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('blackHole' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mend' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const, 'flush' as const) }) },
);

describe('two processes and a Redis that comes and goes, at random', () => {
  it('let a viewer read its writes back: from the writer always, from the other once all is well', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
        run += 1;
        const viewerId = `viewer-${run}`;
        const service = createFakeService();
        const read = thingRead(service, { audience: 'viewer', name: 'shop.mine' });
        const seenBy = async (replica: Replica): Promise<number> =>
          only(await replica.cache.many(read, ['x'], requestScope(systemClock, { viewerId }))).value.revision;
        /** The last write of each, which it must see itself whatever happens. */
        const written = [0, 0];

        for (const one of steps) {
          switch (one.kind) {
            case 'read':
              expect(await seenBy(fleet[one.who])).toBeGreaterThanOrEqual(written[one.who] ?? 0);
              break;
            case 'write':
              service.revision += 1;
              written[one.who] = service.revision;
              await fleet[one.who].cache.drop({ viewerId, reads: ['shop.mine'] });
              break;
            case 'cut':
              proxies[one.who].cut();
              break;
            case 'blackHole':
              proxies[one.who].isBlackHole = true;
              break;
            case 'mend':
              proxies[one.who].isBlackHole = false;
              break;
            case 'pause':
              await redis.pause();
              break;
            case 'resume':
              await redis.resume();
              break;
            case 'flush':
              // A Redis that hangs takes no command, and this one waits for its answer.
              await redis.resume();
              await redis.command('FLUSHALL');
              break;
            default:
              throw new Error(`no such step: ${JSON.stringify(one satisfies never)}`);
          }
        }

        await redis.resume();
        for (const proxy of proxies) proxy.isBlackHole = false;
        for (const replica of fleet) {
          await replica.untilHearing();
          await eventually(
            () => (replica.events.findLast((event) => event.startsWith('pending')) ?? 'pending 0') === 'pending 0',
          );
        }
        for (const replica of fleet) await eventually(async () => (await seenBy(replica)) === service.revision, 2000);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
