import { describe, expect, it } from 'vitest';
import { createPendingDrops } from '../../../shared/cache/pending-drops.ts';
import { readScope, rootScope, tagScope, viewerScope } from '../../../shared/cache/scopes.ts';

describe('the drops that Redis has not taken', () => {
  it('are remembered until it has', () => {
    const pending = createPendingDrops();
    pending.add([readScope('ann', 'orders.list')], 'ann');
    const drop = pending.get(readScope('ann', 'orders.list'));
    expect(drop).toBeDefined();
    if (drop !== undefined) pending.settle(drop);
    expect(pending.size).toBe(0);
  });

  it('are not settled by the answer to an earlier drop of the same scope', () => {
    const pending = createPendingDrops();
    const scope = readScope('ann', 'orders.list');
    pending.add([scope], 'ann');
    const earlier = pending.get(scope);
    pending.add([scope], 'ann');
    if (earlier !== undefined) pending.settle(earlier);
    expect(pending.get(scope)).toBeDefined();
  });

  it('become one drop of all that is the viewer’s, past a bound', () => {
    const pending = createPendingDrops({ maxPerViewer: 3 });
    for (const n of [1, 2, 3, 4]) pending.add([readScope('ann', `read-${n}`)], 'ann');
    expect(pending.first(10).map(({ scope }) => scope)).toEqual([viewerScope('ann')]);
  });

  it('keep a viewer’s tags past that bound, which may be on others’ entries, and do not count them', () => {
    const pending = createPendingDrops({ maxPerViewer: 2 });
    const tags = [tagScope('product:1'), tagScope('product:2')];
    pending.add([...tags, readScope('ann', 'a'), readScope('ann', 'b')], 'ann');
    expect(pending.size).toBe(4);
    pending.add([readScope('ann', 'c')], 'ann');
    expect(pending.first(10).map(({ scope }) => scope)).toEqual([...tags, viewerScope('ann')]);
  });

  it('leave nothing behind of a tag that two viewers have dropped', () => {
    const pending = createPendingDrops({ maxPerViewer: 2 });
    for (let n = 0; n < 60; n += 1) {
      const tag = tagScope(`product:${n}`);
      for (const viewer of ['ann', 'bob']) pending.add([tag], viewer);
      for (const drop of pending.first(10)) pending.settle(drop);
    }
    pending.add([readScope('ann', 'a')], 'ann');
    expect(pending.first(10).map(({ scope }) => scope)).toEqual([readScope('ann', 'a')]);
  });

  it('become one drop of everything, past the bound of all', () => {
    const pending = createPendingDrops({ max: 100 });
    for (let n = 0; n <= 100; n += 1) pending.add([readScope(`viewer-${n}`, 'a')], `viewer-${n}`);
    expect(pending.first(10).map(({ scope }) => scope)).toEqual([rootScope]);
  });

  it('stay within their bound whatever comes', () => {
    const pending = createPendingDrops({ max: 100, maxPerViewer: 5 });
    for (let n = 0; n < 5000; n += 1) {
      pending.add([tagScope(`tag-${n}`), readScope(`viewer-${n % 300}`, `read-${n}`)], `viewer-${n % 300}`);
      expect(pending.size).toBeLessThanOrEqual(100);
    }
  });
});
