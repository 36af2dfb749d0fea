import { expect, it } from 'vitest';
import { readSource } from '../support/source-files.ts';
import { listReads } from './reads.ts';
import { readCodes, readDurationMs, readTable } from './table.ts';

it('SECURITY.md names everything of a viewer that Redis holds, and for how long', () => {
  const rows = readTable(readSource('SECURITY.md'), 'Personal data');
  const shown = rows.map(([read, , kept]) => [readCodes(read)[0], readDurationMs(kept)] as const);
  const personal = listReads().filter(({ audience }) => audience === 'viewer');
  expect(new Map(shown)).toEqual(new Map(personal.map(({ name, windows }) => [name, windows.keepForMs])));
});
