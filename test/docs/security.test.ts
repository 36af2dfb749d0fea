import { expect, it } from 'vitest';
import { readSource } from '../support/source-files.ts';
import { listReads } from './reads.ts';
import { readCodes, readDurationMs, readTable } from './table.ts';

it('SECURITY.md names everything of a viewer that Redis holds, and for how long', () => {
  const shown = readTable(readSource('SECURITY.md'), 'Personal data').map(([read, , kept]) => [
    readCodes(read)[0],
    readDurationMs(kept),
  ]);
  const personal = listReads().filter(({ audience }) => audience === 'viewer');
  expect(shown.toSorted()).toEqual(personal.map(({ name, windows }) => [name, windows.keepForMs]).toSorted());
});
