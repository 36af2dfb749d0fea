import { expect, test } from 'vitest';
import { Abort } from '../../../shared/abort.ts';
import { createMergeWindows, type Departure } from '../../../shared/cache/merge-windows.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const [windowMs, refreshWindowMs] = [1, 50];

function setUp() {
  const clock = createFakeClock();
  const windows = createMergeWindows<string>(clock, { windowMs, refreshWindowMs });
  const departed: string[] = [];
  /** One departure of a read; a read is told by its object. */
  function departure(read: { readonly service: string }, name: string, isRefresh = false) {
    const gone = new Abort();
    const made = { read, flight: { signal: gone }, isRefresh, depart: () => void departed.push(name) };
    return { gone, made: made as unknown as Departure<string> };
  }
  return { clock, windows, departed, departure };
}

test('an answer lets what waits for its own service depart, and nothing else', () => {
  const { windows, departed, departure } = setUp();
  const [catalog, users] = [{ service: 'catalog' }, { service: 'users' }];
  windows.onBegun('catalog');
  windows.onBegun('users');
  windows.hold(departure(catalog, 'products').made);
  windows.hold(departure(users, 'viewers').made);
  windows.onLanded('catalog');
  expect(departed).toEqual(['products']);
  expect([windows.open(catalog, false), windows.open(users, false)]).toEqual([undefined, expect.anything()]);
});

test('a read that has departed can be held again, and departs once each time', () => {
  const { clock, windows, departed, departure } = setUp();
  const catalog = { service: 'catalog' };
  windows.onBegun('catalog');
  for (const name of ['first', 'second']) {
    windows.hold(departure(catalog, name).made);
    clock.advanceSync(windowMs);
    expect(windows.open(catalog, false)).toBeUndefined();
  }
  windows.onLanded('catalog');
  clock.advanceSync(10 * windowMs);
  expect(departed).toEqual(['first', 'second']);
});

test('nobody travels with a departure whose waiters have all gone', () => {
  const { windows, departed, departure } = setUp();
  const catalog = { service: 'catalog' };
  windows.onBegun('catalog');
  const { made, gone } = departure(catalog, 'first');
  windows.hold(made);
  expect(windows.open(catalog, false)).toBe(made);
  gone.abort(undefined);
  expect([windows.open(catalog, false), departed]).toEqual([undefined, ['first']]);
});

test('who was held first departs first, whatever was held before', () => {
  const { clock, windows, departed, departure } = setUp();
  const [products, search] = [{ service: 'catalog' }, { service: 'catalog' }];
  windows.onBegun('catalog');
  windows.hold(departure(products, 'products, long ago').made);
  clock.advanceSync(windowMs);
  windows.hold(departure(search, 'search').made);
  windows.hold(departure(products, 'products').made);
  windows.onLanded('catalog');
  expect(departed).toEqual(['products, long ago', 'search', 'products']);
});

/** A refresh and a call that somebody waits for, held while their service is being asked. */
function holdBoth() {
  const { clock, windows, departed, departure } = setUp();
  const catalog = { service: 'catalog' };
  windows.onBegun('catalog');
  const [refresh, waited] = [departure(catalog, 'refresh', true).made, departure(catalog, 'waited').made];
  windows.hold(refresh);
  windows.hold(waited);
  return { clock, windows, departed, catalog, refresh, waited };
}

test('what nobody waits for is held longer, apart from what somebody waits for', () => {
  const { clock, windows, departed, catalog, refresh, waited } = holdBoth();
  expect([windows.open(catalog, true), windows.open(catalog, false)]).toEqual([refresh, waited]);
  clock.advanceSync(windowMs);
  expect([windows.open(catalog, true), departed]).toEqual([refresh, ['waited']]);
  clock.advanceSync(refreshWindowMs - windowMs);
  expect([windows.open(catalog, true), departed]).toEqual([undefined, ['waited', 'refresh']]);
});

test('only a refresh departs before its window ends because somebody waits for it', () => {
  const { clock, windows, departed, refresh, waited } = holdBoth();
  windows.hurry(waited.flight);
  windows.hurry(refresh.flight);
  windows.hurry(refresh.flight);
  expect(departed).toEqual(['refresh']);
  clock.advanceSync(refreshWindowMs);
  expect(departed).toEqual(['refresh', 'waited']);
});
