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
