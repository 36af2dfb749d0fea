import { systemClock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import {
  createFakeService,
  createTestCache,
  only,
  openCache,
  requestScope,
  thingRead,
} from '../../test/shared/cache/cache-kit.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { atMost } from './bound.ts';
import type { Fault } from './fault.ts';
import type { Lab, ServerUnderFault } from './lab.ts';
import { askMany, others, outcomeOf } from './outcome.ts';

/** F62-F64, F76, F89: what is kept. The rows of the fake clock meet the cache alone: 10,000 keys over a minute take a second of it. */
export const cacheFaults: readonly Fault[] = [
  {
    id: 'F62',
    fault: 'a hot key that nobody holds, many callers',
    promise: 'success; 1 downstream call a process (1000 callers; 200 in `npm test`)',
    expected: { others: 'none', calls: 1 },
    off: {
      name: 'isJoining: false, isCaching: false',
      options: { cache: { isJoining: false, isCaching: false } },
    },
    async meet(lab) {
      const server = await lab.start({ policy: { healthCheckIntervalMs: 0 } });
      lab.fault('catalog', { delayMs: 200 });
      const callers = lab.count({ short: 200, full: 1000 });
      const query = '{ product(id: "product-22") { id } }';
      const outcomes = await askMany(server, callers, { query, atOnce: callers });
      return { others: others(outcomes), calls: lab.calls('catalog') };
    },
  },
  {
    id: 'F63',
    fault: '10,000 keys expire together',
    promise: "the worst second's calls <= 2 x the median second's",
    expected: { worstOverMedian: atMost(2), refetched: 10_000 },
    off: { name: 'jitterShare: 0', options: { cache: { jitterShare: 0 } } },
    async meet(lab) {
      const clock = createFakeClock();
      const service = createFakeService();
      const cache = createTestCache(clock, lab.isOff ? { jitterShare: 0 } : {});
      const read = thingRead(service, { windows: { freshForMs: 60_000, revalidateForMs: 0, keepForMs: 0 } });
      const ids = Array.from({ length: 10_000 }, (_, index) => String(index));
      await cache.many(read, ids, requestScope(clock));
      await clock.advance(53_000);
      const perSecond: number[] = [];
      for (let second = 0; second < 15; second += 1) {
        service.calls.length = 0;
        await cache.many(read, ids, requestScope(clock));
        perSecond.push(service.calls.flat().length);
        await clock.advance(1000);
      }
      const sorted = perSecond.toSorted((left, right) => left - right);
      const busy = sorted.filter((count) => count > 0);
      // Over the twelve seconds in which they may fall due.
      const median = sorted.slice(-12)[6] ?? 0;
      return {
        worstOverMedian: Math.round((10 * (busy.at(-1) ?? 0)) / Math.max(1, median)) / 10,
        refetched: busy.reduce((sum, count) => sum + count, 0),
      };
    },
  },
  {
    id: 'F64',
    fault: 'invalidation races a refill, within one process',
    promise: 'the new value; 0 old values in 10,000 races (500 in `npm test`)',
    expected: { old: 0 },
    off: { name: 'deleted by the drop, and nothing else', options: {} },
    async meet(lab) {
      const opened = openCache();
      const { clock, service } = opened;
      const thing = lab.isOff ? keptUntilDeleted(opened) : keptByCache(opened);
      const races = lab.count({ short: 500, full: 10_000 });
      let old = 0;
      for (let i = 0; i < races; i += 1) {
        service.hold();
        const early = thing.revision();
        await (i % 3 === 0 ? clock.advance(0) : Promise.resolve());
        service.revision += 1;
        const { revision } = service;
        const dropped = thing.drop();
        if (i % 2 === 0) await dropped;
        const late = thing.revision();
        service.answer('asAsked');
        await early;
        if ((await late) < revision) old += 1;
        if ((await thing.revision()) < revision) old += 1;
        if (i % 5 === 0) await thing.drop();
      }
      return { races, old };
    },
  },
  {
    id: 'F76',
    fault: 'wall clock +-1 h',
    promise: 'nothing: what is fresh stays so, an open breaker stays open',
    expected: { callsAfter: 0, outcome: 'success', breaker: 'open' },
    off: { name: 'a clock that measures by the wall', options: {} },
    async meet(lab) {
      let offsetMs = 0;
      const clock = {
        ...systemClock,
        wallMs: () => systemClock.wallMs() + offsetMs,
        ...(lab.isOff ? { nowMs: () => systemClock.nowMs() + offsetMs } : {}),
      };
      const server = await lab.start({ clock, policy: { healthCheckIntervalMs: 0, attempts: 1 } });
      const query = '{ product(id: "product-30") { id name } }';
      await server.ask(query);
      await openBreakerByNew(lab, server);
      lab.mend();
      const before = lab.calls('catalog');
      const seen: string[] = [];
      for (const hour of [1, -1]) {
        offsetMs = hour * 3_600_000;
        seen.push(outcomeOf(await server.ask(query)));
      }
      return {
        callsAfter: lab.calls('catalog') - before,
        outcome: seen.find((outcome) => outcome !== 'success') ?? 'success',
        breaker: (await server.service('catalog')).breaker.state,
      };
    },
  },
  {
    id: 'F89',
    fault: 'nothing kept, a default declared, the service down',
    promise: 'DEFAULT',
    expected: { outcome: 'DEFAULT', nodes: 0 },
    off: { name: 'a section that declares none: orders', options: {} },
    async meet(lab) {
      const section = lab.isOff ? 'orders' : 'recommendations';
      lab.fault(section, { status: 503 });
      const server = await lab.start({ policy: { healthCheckIntervalMs: 0 } });
      const query = `{ dashboard { ${section} { nodes { __typename } } } viewer { id } }`;
      const answer = await server.ask(query, { token: lab.token });
      return {
        outcome: outcomeOf(answer, 'dashboard'),
        nodes: answer.body.data?.dashboard?.[section]?.nodes.length ?? 'none',
      };
    },
  },
];

/** A read of one thing through something that keeps it; of a thing, its revision is enough. */
interface KeptThing {
  revision(): Promise<number>;
  drop(): Promise<void>;
}

function keptByCache({ cache, ask }: ReturnType<typeof openCache>): KeptThing {
  return {
    revision: async () => only(await ask('a')).value.revision,
    drop: () => cache.drop({ viewerId: null, tags: ['thing:a'] }),
  };
}

/** The cache that one would write first: callers share a fetch that is under way, what it brings is kept, and a write deletes it. */
function keptUntilDeleted({ clock, service }: ReturnType<typeof openCache>): KeptThing {
  let kept: number | undefined;
  let underWay: Promise<number> | undefined;
  async function fetchThing(): Promise<number> {
    const things = await service.fetch(['a'], requestScope(clock));
    const found = things.get('a');
    if (found == null || found instanceof AppError) throw new Error('no record');
    underWay = undefined;
    kept = found.thing.revision;
    return kept;
  }
  return {
    async revision() {
      if (kept !== undefined) return kept;
      underWay ??= fetchThing();
      return underWay;
    },
    async drop() {
      kept = undefined;
    },
  };
}

/** As `openBreaker`, by products that are not kept. */
async function openBreakerByNew(lab: Lab, server: ServerUnderFault): Promise<void> {
  lab.fault('catalog', { status: 503 });
  for (let i = 100; i < 120 && (await server.service('catalog')).breaker.state !== 'open'; i += 1) {
    await server.ask(`{ product(id: "product-${i}") { id } }`);
  }
}
