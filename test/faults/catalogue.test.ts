import { expect, test } from 'vitest';
import { catalogue } from '../../scripts/faults/catalogue.ts';

/** The numbers that were given to faults; what is left out never was. */
const given =
  '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 18 19 20 22 23 24 25 26 27 28 29 30 32 33 ' +
  '34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 50 52 53 54 56 57 59 62 63 64 76 77 79 80 82 ' +
  '84 85 86 87 88 89 90';
const rows = given.split(' ').map((number) => `F${number.padStart(2, '0')}`);

test('every fault of the list has one row, which a test and `npm run faults` run', () => {
  expect(catalogue.map(({ id }) => id)).toEqual(rows);
});

test('a row that nothing switches off says which rule of the code it tries, in words of its own', () => {
  const rules = catalogue.flatMap(({ id, off }) => ('rule' in off ? [{ id, rule: off.rule }] : []));
  expect(rules.map(({ id }) => id)).toEqual(['F23', 'F25', 'F26', 'F27', 'F28', 'F32', 'F85', 'F88']);
  expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
});
