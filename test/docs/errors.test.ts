import { expect, it } from 'vitest';
import { errorCodes, isRetryable } from '../../shared/errors.ts';
import { refusalStatuses } from '../../shared/server/refusal.ts';
import { listFiles, readSource } from '../support/source-files.ts';
import { readCodes, readTable } from './table.ts';

const page = readSource('docs/errors.md');
const failures = readTable(page, 'Failures').map(([code, , retryable]) => [readCodes(code)[0], retryable]);
const refusals = readTable(page, 'Refusals before execution');

it('docs/errors.md has every code of a failure, and whether to try again', () => {
  expect(failures).toEqual(errorCodes.map((code) => [code, isRetryable(code) ? 'yes' : 'no']));
});

it('and every code of a refusal, with its status', () => {
  const codes = refusals.flatMap(([cell]) => readCodes(cell));
  for (const [code, status] of Object.entries(refusalStatuses)) {
    const [, meaning = ''] = refusals.find(([cell]) => readCodes(cell).includes(code)) ?? [];
    expect(meaning, code).toContain(status === 400 ? '' : String(status));
    expect(codes).toContain(code);
  }
  const written = listFiles('shared/graphql').flatMap((path) =>
    [...readSource(path).matchAll(/RequestRefusal\(\s*'([A-Z_]+)'|refuse\w*\(\s*'([A-Z_]+)'/g)].map(
      ([, a, b]) => a ?? b,
    ),
  );
  expect(written.length).toBeGreaterThan(10);
  const known = new Set<unknown>([...codes, ...errorCodes]);
  expect(written.filter((code) => !known.has(code))).toEqual([]);
});
