import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDiskIndex, diskUsage } from '../../../shared/images/disk-index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('the index of the cache', () => {
  it('gives up what was not used for longest, and no more than it must', () => {
    const index = createDiskIndex(3 * 4096, createFakeClock().wallMs);
    for (const name of ['a', 'b', 'c']) index.add(name, 100);
    index.use('a');
    index.add('d', 4096);
    expect(index.takeSurplus()).toEqual(['b']);
    index.add('e', 4097);
    expect(index.takeSurplus()).toEqual(['c', 'a']);
    expect(index.usedBytes).toBe(3 * 4096);
  });

  it('counts blocks, so that many small files do not escape the bound', () => {
    expect([0, 1, 4096, 4097].map(diskUsage)).toEqual([4096, 4096, 4096, 8192]);
  });

  it('takes over the files that a scan finds in the order of their use, among what it saw used itself', () => {
    const clock = createFakeClock(15);
    const index = createDiskIndex(4 * 4096, clock.wallMs);
    index.add('own', 1);
    index.reconcile(
      [
        { name: 'newer', bytes: 1, usedMs: 20 },
        { name: 'own', bytes: 1, usedMs: 1 },
        { name: 'older', bytes: 1, usedMs: 10 },
      ],
      index.mark(),
    );
    index.add('x', 4 * 4096);
    expect(index.takeSurplus()).toEqual(['older', 'own', 'newer']);
  });

  it('forgets files that are gone, and keeps those that were written while the scan ran', () => {
    const index = createDiskIndex(100 * 4096, createFakeClock().wallMs);
    index.add('gone', 1);
    const mark = index.mark();
    index.add('new', 1);
    index.reconcile([], mark);
    expect([index.use('gone'), index.use('new'), index.usedBytes]).toEqual([false, true, 4096]);
  });

  it('holds its bound and its sum, whatever happens', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), name, bytes: fc.integer({ min: 0, max: 30_000 }) }),
      fc.record({ kind: fc.constant('use' as const), name }),
      fc.record({ kind: fc.constant('delete' as const), name }),
      fc.record({ kind: fc.constant('scan' as const), names: fc.uniqueArray(name) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = createDiskIndex(32_768, createFakeClock().wallMs);
        const model = new Map<string, number>();
        for (const taken of steps) {
          if (taken.kind === 'add') {
            index.add(taken.name, taken.bytes);
            model.set(taken.name, diskUsage(taken.bytes));
          } else if (taken.kind === 'use') {
            index.use(taken.name);
          } else if (taken.kind === 'delete') {
            index.delete(taken.name);
            model.delete(taken.name);
          } else {
            index.reconcile(
              taken.names.map((found) => ({ name: found, bytes: 1, usedMs: 0 })),
              index.mark(),
            );
            const before = new Map(model);
            model.clear();
            for (const found of taken.names) model.set(found, before.get(found) ?? 4096);
          }
          for (const surplus of index.takeSurplus()) model.delete(surplus);
          expect(index.usedBytes).toBe([...model.values()].reduce((sum, usage) => sum + usage, 0));
          expect(index.usedBytes).toBeLessThanOrEqual(32_768);
          expect(index.size).toBe(model.size);
        }
      }),
    );
  });
});
