import { describe, expect, test } from 'vitest';
import { dateTimeScalar, localeScalar } from '../../../shared/graphql/scalars.ts';

describe('a DateTime', () => {
  test.each([
    ['2026-11-22T00:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['2026-11-20T10:00:00+02:00', '2026-11-20T08:00:00.000Z'],
    ['2024-02-29T23:59:59.999999999Z', '2024-02-29T23:59:59.999Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('%s comes in as %s', (given, taken) => {
    expect(dateTimeScalar.parseValue(given)).toBe(taken);
  });

  test.each([
    '2026-02-30T10:00:00Z',
    '2025-02-29T10:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T23:60:00Z',
    '2026-11-22',
    '2026-11-22T00:00:00',
    // In UTC these are of another millennium, which RFC 3339 has no form for and no service would take.
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00+23:59',
    1_795_000_000_000,
    null,
  ])('%s is none', (given) => {
    expect(() => dateTimeScalar.parseValue(given)).toThrow(/RFC 3339/);
  });
});

describe('a Locale', () => {
  test('comes in in its canonical form', () => {
    expect(localeScalar.parseValue('sv-se')).toBe('sv-SE');
  });

  test.each(['', 'x', 'not a locale', 'de_DE', 'a'.repeat(36), 7])('%s is none', (given) => {
    expect(() => localeScalar.parseValue(given)).toThrow(/BCP 47/);
  });
});
