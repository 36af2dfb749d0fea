import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBalancer, loadOf } from '../../../shared/downstream/balancer.ts';
import { Instance } from '../../../shared/downstream/instance.ts';
import type { InstancePool } from '../../../shared/downstream/instance-pool.ts';
import { createOutlierEjection } from '../../../shared/downstream/outlier-ejection.ts';
import { defaultServicePolicy } from '../../../shared/downstream/policy.ts';
import { createRandom } from './support/shop.ts';

const noPool: InstancePool = { dispatch: () => true, close: async () => {}, destroy: async () => {} };

function createInstances(count: number): Instance[] {
  return Array.from(
    { length: count },
    (_, i) => new Instance({ id: `i${i}`, origin: `http://i${i}` }, noPool, defaultServicePolicy.latencyDecayMs),
  );
}

function setUp(count: number, over: Partial<typeof defaultServicePolicy> = {}, seed = 1) {
  const instances = createInstances(count);
  const policy = { ...defaultServicePolicy, ...over };
  const balancer = createBalancer(policy, { random: createRandom(seed), instances: () => instances });
  return { instances, balancer, policy };
}

function sharesOf(pick: () => Instance | undefined, times: number): Map<string, number> {
  const shares = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const id = pick()?.address.id ?? 'none';
    shares.set(id, (shares.get(id) ?? 0) + 1 / times);
  }
  return shares;
}

describe('two choices', () => {
  test('equal instances get equal shares', () => {
    const { instances, balancer } = setUp(3);
    for (const instance of instances) instance.latency.observe(20, 0);
    const shares = sharesOf(() => balancer.pick([], 0), 9000);
    for (const share of shares.values()) expect(share).toBeCloseTo(1 / 3, 1);
  });

  test('the slowest of three is chosen by nobody', () => {
    const { instances, balancer } = setUp(3);
    instances[0]?.latency.observe(400, 0);
    instances[1]?.latency.observe(20, 0);
    instances[2]?.latency.observe(20, 0);
    expect(sharesOf(() => balancer.pick([], 0), 1000).get('i0') ?? 0).toBe(0);
  });

  test('an instance with more under way costs more', () => {
    const [instance] = createInstances(1);
    instance?.latency.observe(20, 0);
    if (instance) instance.inFlight = 4;
    expect(instance && loadOf(instance, 0)).toBe(100);
  });

  test('a new instance gets one call to learn from, not all of them at once', () => {
    const { instances, balancer } = setUp(2);
    instances[0]?.latency.observe(20, 0);
    const newcomer = instances[1];
    expect(balancer.pick([], 0)).toBe(newcomer);
    if (newcomer) newcomer.inFlight = 1;
    expect(sharesOf(() => balancer.pick([], 0), 100).get('i1') ?? 0).toBe(0);
  });

  test('what is known of a slow instance fades, so that it is tried again', () => {
    const { instances, balancer } = setUp(2);
    instances[0]?.latency.observe(400, 0);
    instances[1]?.latency.observe(20, 60_000);
    expect(balancer.pick([], 60_000)).toBe(instances[0]);
  });

  test('an instance that was not heard of for three decays gets one call to learn from', () => {
    const { instances, balancer } = setUp(2);
    for (const instance of instances) instance.latency.observe(20, 0);
    instances[0]?.latency.observe(20, 30_000);
    const picked = Array.from({ length: 50 }, () => {
      const instance = balancer.pick([], 30_000);
      if (instance) instance.inFlight += 1;
      return instance?.address.id;
    });
    expect(picked.filter((id) => id === 'i1')).toHaveLength(1);
  });

  test('silence counts as a latency while there is something to answer, and from the first of it on', () => {
    const { instances, balancer } = setUp(1);
    const [instance] = instances as [Instance];
    instance.latency.observe(20, 0);
    expect(balancer.pick([], 20_000)).toBe(instance);
    expect(loadOf(instance, 20_500)).toBeLessThan(20);
    instance.inFlight = 1;
    expect(loadOf(instance, 20_500)).toBe(1000);
    instance.latency.observe(20, 20_500);
    expect(loadOf(instance, 20_600)).toBe(200);
  });

  test('the next attempt goes to an instance that was not tried', () => {
    const { instances, balancer } = setUp(3);
    const [a, b, c] = instances as [Instance, Instance, Instance];
    for (let i = 0; i < 50; i++) expect(balancer.pick([a, b], 0)).toBe(c);
    expect(balancer.pick([a, b, c], 0)).toBeDefined();
  });

  test('rather one that is out than one that has failed this very call', () => {
    const { instances, balancer } = setUp(3);
    const [a, b, c] = instances as [Instance, Instance, Instance];
    a.ejectedUntilMs = 30_000;
    balancer.refresh();
    for (let i = 0; i < 20; i++) expect(balancer.pick([b, c], 0)).toBe(a);
  });

  test('none is chosen of none', () => {
    expect(setUp(0).balancer.pick([], 0)).toBeUndefined();
  });
});

test('round robin takes them in turn, slow or not', () => {
  const { instances, balancer } = setUp(3, { balancing: 'round-robin' });
  instances[0]?.latency.observe(400, 0);
  expect([1, 2, 3, 4].map(() => balancer.pick([], 0)?.address.id)).toEqual(['i0', 'i1', 'i2', 'i0']);
});

describe('panic', () => {
  test('one unhealthy of three is left out', () => {
    const { instances, balancer } = setUp(3);
    if (instances[0]) instances[0].isHealthy = false;
    balancer.refresh();
    expect(sharesOf(() => balancer.pick([], 0), 300).has('i0')).toBe(false);
  });

  test('with two unhealthy of three all are used', () => {
    const { instances, balancer } = setUp(3);
    for (const instance of instances.slice(1)) instance.isHealthy = false;
    for (const instance of instances) instance.latency.observe(20, 0);
    balancer.refresh();
    expect(sharesOf(() => balancer.pick([], 0), 300).size).toBe(3);
  });

  test('an ejected instance comes back when its time is over, without anybody saying so', () => {
    const { instances, balancer } = setUp(2);
    for (const instance of instances) instance.latency.observe(20, 0);
    if (instances[0]) instances[0].ejectedUntilMs = 30_000;
    balancer.refresh();
    expect(sharesOf(() => balancer.pick([], 29_999), 100).has('i0')).toBe(false);
    expect(sharesOf(() => balancer.pick([], 30_000), 100).has('i0')).toBe(true);
  });
});

describe('ejection', () => {
  function setUpEjection(count: number) {
    const instances = createInstances(count);
    return { instances, ejection: createOutlierEjection(defaultServicePolicy, () => instances) };
  }

  function failTimes(
    { ejection }: ReturnType<typeof setUpEjection>,
    instance: Instance | undefined,
    of: { times: number; nowMs: number },
  ): number {
    let forMs = 0;
    for (let i = 0; i < of.times; i++) forMs += instance ? ejection.onFailure(instance, of.nowMs) : 0;
    return forMs;
  }

  test('comes with the fifth failure in a row', () => {
    const set = setUpEjection(3);
    const [a] = set.instances;
    expect(failTimes(set, a, { times: 4, nowMs: 0 })).toBe(0);
    if (a) set.ejection.onSuccess(a);
    expect(failTimes(set, a, { times: 4, nowMs: 0 })).toBe(0);
    expect(failTimes(set, a, { times: 1, nowMs: 0 })).toBe(30_000);
    expect(a?.isEjected(29_999)).toBe(true);
    expect(a?.isEjected(30_000)).toBe(false);
  });

  test('lasts longer each time, and five minutes at most', () => {
    const set = setUpEjection(3);
    const [a] = set.instances;
    let nowMs = 0;
    const lengths = Array.from({ length: 12 }, () => {
      const forMs = failTimes(set, a, { times: 5, nowMs });
      nowMs += forMs;
      return forMs / 30_000;
    });
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
  });

  test('is forgiven step by step while the instance is well', () => {
    const set = setUpEjection(3);
    const [a] = set.instances;
    failTimes(set, a, { times: 5, nowMs: 0 });
    failTimes(set, a, { times: 5, nowMs: 30_000 });
    expect(failTimes(set, a, { times: 5, nowMs: 90_000 + 30_000 })).toBe(60_000);
    expect(failTimes(set, a, { times: 5, nowMs: 1_000_000 })).toBe(30_000);
  });

  test('attempts that were under way when it was ejected eject it no further', () => {
    const set = setUpEjection(3);
    const [a] = set.instances;
    expect(failTimes(set, a, { times: 1000, nowMs: 0 })).toBe(30_000);
  });

  test('takes at most half of them, and never the only one', () => {
    for (const [count, most] of [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ] as const) {
      const set = setUpEjection(count);
      for (const instance of set.instances) failTimes(set, instance, { times: 10, nowMs: 0 });
      expect(set.instances.filter((instance) => instance.isEjected(1))).toHaveLength(most);
    }
  });
});

describe('any schedule', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('pick' as const), tried: fc.nat(3) }),
    fc.record({ do: fc.constant('fail' as const), which: fc.nat(), times: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ do: fc.constant('succeed' as const), which: fc.nat(), ms: fc.integer({ min: 1, max: 5000 }) }),
    fc.record({ do: fc.constant('health' as const), which: fc.nat(), isHealthy: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 60_000 }) }),
  );

  test('somebody is always chosen; nobody who is out while enough are in; at most half are ejected', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 150, size: 'max' }),
        fc.nat(),
        (count, steps, seed) => {
          const { instances, balancer } = setUp(count, {}, seed);
          const ejection = createOutlierEjection(defaultServicePolicy, () => instances);
          const wrong: string[] = [];
          let longestMs = 0;
          let nowMs = 0;
          for (const action of steps) {
            if (action.do === 'wait') nowMs += action.ms;
            else if (action.do === 'pick') {
              const tried = instances.slice(0, action.tried);
              const picked = balancer.pick(tried, nowMs);
              const well = instances.filter((instance) => instance.isHealthy && nowMs >= instance.ejectedUntilMs);
              const usable = well.length >= count / 2 ? well : instances;
              const isUntried = (instance: Instance): boolean => !tried.includes(instance);
              const mayBe =
                [usable.filter(isUntried), instances.filter(isUntried), usable].find((list) => list.length > 0) ?? [];
              if (!picked || !mayBe.includes(picked)) wrong.push(`${picked?.address.id ?? 'nobody'} was picked`);
            } else {
              const instance = instances[action.which % count] as Instance;
              if (action.do === 'health') instance.isHealthy = action.isHealthy;
              else if (action.do === 'succeed') {
                ejection.onSuccess(instance);
                instance.latency.observe(action.ms, nowMs);
              } else for (let i = 0; i < action.times; i++) ejection.onFailure(instance, nowMs);
              balancer.refresh();
            }
            const ejected = instances.filter((instance) => instance.isEjected(nowMs)).length;
            if (ejected > Math.floor(count / 2)) wrong.push(`${ejected} of ${count} are ejected`);
            for (const instance of instances) longestMs = Math.max(longestMs, instance.ejectedUntilMs - nowMs);
          }
          expect(wrong).toEqual([]);
          expect(longestMs).toBeLessThanOrEqual(300_000);
        },
      ),
      { numRuns: 300 },
    );
  });
});
