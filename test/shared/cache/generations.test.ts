import { describe, expect, it } from 'vitest';
import { createGenerations, stateOf } from '../../../shared/cache/generations.ts';

describe('the generations of a scope', () => {
  it('end with a drop: what was fetched in one is not of the next', () => {
    const generations = createGenerations(10);
    const before = generations.of('v3:ann');
    generations.drop('v3:ann');
    expect(stateOf([before])).toBe('dropped');
    expect(stateOf([generations.of('v3:ann')])).toBe('current');
  });

  it('count as dropped when there are too many to remember', () => {
    const generations = createGenerations(10);
    const first = generations.of('scope-0');
    for (let i = 1; i <= 10; i += 1) generations.of(`scope-${i}`);
    expect(stateOf([first])).toBe('dropped');
  });

  it('are named by Redis, and dropped when it calls them otherwise', () => {
    const generations = createGenerations(10);
    const first = generations.of('t1');
    expect(generations.confirm(first, 'one', generations.era)).toBe(first);
    const second = generations.confirm(first, 'two', generations.era);
    expect([stateOf([first]), stateOf([second]), second.token]).toEqual(['dropped', 'current', 'two']);
    expect(generations.of('t1')).toBe(second);
  });

  it('are only outdated where Redis has a new name because it forgot the last; a viewer’s are dropped all the same', () => {
    const generations = createGenerations(10);
    for (const [scope, state] of [
      ['r', 'outdated'],
      ['t1', 'outdated'],
      ['v3:ann', 'dropped'],
    ] as const) {
      const first = generations.of(scope);
      generations.confirm(first, 'n:one', generations.era);
      const second = generations.confirm(first, 'n:two', generations.era);
      expect([stateOf([first]), stateOf([second])]).toEqual([state, 'current']);
    }
  });

  it('are outdated by a change of the name, and dropped once Redis tells that it was for a drop', () => {
    const generations = createGenerations(10);
    const outdated = ['n:two', 'd:two', 'of an older version'].map((name) => {
      const scope = `t${name}`;
      const first = generations.of(scope);
      generations.confirm(first, 'n:one', generations.era);
      generations.outdate(scope);
      expect(stateOf([first])).toBe('outdated');
      expect(stateOf([generations.of(scope)])).toBe('current');
      generations.confirm(generations.of(scope), name, generations.era);
      return stateOf([first]);
    });
    expect(outdated).toEqual(['outdated', 'dropped', 'dropped']);
  });

  it('are dropped with the one after them', () => {
    const generations = createGenerations(10);
    const first = generations.of('t1');
    generations.outdate('t1');
    const second = generations.of('t1');
    generations.drop('t1');
    expect([stateOf([first]), stateOf([second])]).toEqual(['dropped', 'dropped']);
  });

  it('are not named by an answer to a question from before a drop', () => {
    const generations = createGenerations(10);
    const asked = generations.of('t1');
    generations.drop('t1');
    const after = generations.of('t1');
    generations.confirm(asked, 'old', generations.era);
    expect(after.token).toBeUndefined();
    expect(generations.of('t1')).toBe(after);
  });

  it('are unverified after a break in what is heard, until Redis calls them by the same name', () => {
    const generations = createGenerations(10);
    const generation = generations.of('t1');
    generations.confirm(generation, 'one', generations.era);
    generations.beginEra();
    expect(stateOf([generation])).toBe('unverified');
    generations.confirm(generation, 'one', generations.era);
    expect(stateOf([generation])).toBe('current');
  });

  it('are not verified by what Redis said before that break', () => {
    const generations = createGenerations(10);
    const generation = generations.of('t1');
    const era = generations.era;
    generations.confirm(generation, 'one', era);
    generations.beginEra();
    generations.confirm(generation, 'one', era);
    expect(stateOf([generation])).toBe('unverified');
  });

  it('begin anew after a break where Redis had not named them: nothing could tell whether they are current', () => {
    const generations = createGenerations(10);
    const nameless = generations.of('t1');
    generations.beginEra();
    expect(generations.of('t1')).not.toBe(nameless);
    expect(stateOf([nameless])).toBe('dropped');
  });
});
