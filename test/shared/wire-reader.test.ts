import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { formatMoney } from '../../shared/money.ts';
import { isFlawed } from '../../shared/provenance.ts';
import { WireReader } from '../../shared/wire-reader.ts';

const wire = () => new WireReader('catalog');

describe('a field that cannot be read', () => {
  test.each([
    ['a number beyond 32 bits', (reader: WireReader) => reader.integer({ stock: 2 ** 31 }, 'stock')],
    ['a number that is text', (reader: WireReader) => reader.integer({ stock: '12' }, 'stock')],
    [
      'a price that is NaN',
      (reader: WireReader) => reader.money({ price: { amount: Number.NaN, currency: 'EUR' } }, 'price'),
    ],
    [
      'a price in parts of a cent',
      (reader: WireReader) => reader.money({ price: { amount: 1.5, currency: 'EUR' } }, 'price'),
    ],
    [
      'a price in an unknown currency',
      (reader: WireReader) => reader.money({ price: { amount: 1, currency: 'XXX' } }, 'price'),
    ],
    [
      'a price beyond 32 bits',
      (reader: WireReader) => reader.money({ price: { amount: 2 ** 31, currency: 'EUR' } }, 'price'),
    ],
    ['null where text must be', (reader: WireReader) => reader.text({ name: null }, 'name')],
    [
      'an unknown word',
      (reader: WireReader) => reader.word({ status: 'lost' }, 'status', new Map([['found', 'FOUND']])),
    ],
  ])('is that field’s own error: %s', (_name, read) => {
    const reader = wire();
    const value: unknown = read(reader);
    const record = reader.finish({ value });

    expect(value).toBeInstanceOf(AppError);
    expect((value as AppError).code).toBe('DOWNSTREAM_BAD_RESPONSE');
    expect(isFlawed(record)).toBe(true);
  });

  test.each([
    'yesterday',
    '1',
    '2026-99-99T99:99:99.999Z',
    '2026-02-30T00:00:00.000Z',
    '2026-02-30',
    '2026-01-01T00:00:00',
    '2026-01-01T24:00:00Z',
    '0000-01-01T00:00:00+01:00',
  ])('is that field’s own error: %s, which is no point in time', (at) => {
    expect(wire().time({ at }, 'at')).toMatchObject({ code: 'DOWNSTREAM_BAD_RESPONSE' });
  });

  test.each([
    ['2028-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['2026-12-31T23:30:00+01:00', '2026-12-31T22:30:00.000Z'],
    ['2026-12-31', '2026-12-31T00:00:00.000Z'],
    ['2026-12-31T10:00Z', '2026-12-31T10:00:00.000Z'],
    ['2026-12-31T10:00:00+0100', '2026-12-31T09:00:00.000Z'],
    ['2026-12-31T10:00:00.1234567891Z', '2026-12-31T10:00:00.123Z'],
    ['2026-12-31T12:00:00z', '2026-12-31T12:00:00.000Z'],
  ])('reads %s as %s', (at, uniform) => {
    expect(wire().time({ at }, 'at')).toBe(uniform);
  });

  test('goes with a record that cannot be read, and is none of the next one’s', () => {
    const reader = wire();
    const items = [{ name: 7 }, { id: 'b', name: 'Bowl' }];
    const [lost, next] = reader.eachByItself({ items }, 'items', (item) =>
      reader.finish({ name: reader.text(item, 'name'), id: reader.key(item, 'id') }),
    );
    expect(lost).toBeInstanceOf(AppError);
    expect(next).toEqual({ name: 'Bowl', id: 'b' });
    expect(isFlawed(next ?? {})).toBe(false);
  });

  test('flaws its own record and not the next one', () => {
    const reader = wire();
    const flawed = reader.finish({ stock: reader.integer({ stock: null }, 'stock') });
    const sound = reader.finish({ stock: reader.integer({ stock: 3 }, 'stock') });

    expect(isFlawed(flawed)).toBe(true);
    expect(isFlawed(sound)).toBe(false);
    expect(sound).toEqual({ stock: 3 });
  });
});

describe('a record that cannot be one', () => {
  test.each([null, undefined, 1, 'text', [], true])('fails as a whole: %j', (value) => {
    expect(() => wire().record(value, 'product')).toThrow(AppError);
  });

  test('of another viewer is never served', () => {
    const read = (viewerId: string | null) => wire().ownedRecord({ userId: 'user-1' }, 'order', viewerId);

    expect(read('user-1')).toEqual({ userId: 'user-1' });
    expect(() => read('user-2')).toThrow(AppError);
    expect(() => read(null)).toThrow(AppError);
  });
});

test('whatever a service sends, a field is of its type or an error, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reader = wire();
      const integer: unknown = reader.integer({ value }, 'value');
      const text: unknown = reader.text({ value }, 'value');
      const money: unknown = reader.money({ value }, 'value');
      const time: unknown = reader.time({ value }, 'value');

      expect(integer instanceof AppError || Number.isInteger(integer)).toBe(true);
      expect(text instanceof AppError || typeof text === 'string').toBe(true);
      expect(money instanceof AppError || typeof money === 'object').toBe(true);
      expect(time instanceof AppError || typeof time === 'string').toBe(true);
    }),
  );
});

test.each([
  [1299, 'EUR', 'de-DE', '12,99 €'],
  [1299, 'USD', 'en-US', '$12.99'],
  [1299, 'JPY', 'ja-JP', '￥1,299'],
  [129900, 'SEK', 'sv-SE', '1 299,00 kr'],
] as const)('%i minor units of %s in %s read %s', (amount, currency, locale, shown) => {
  expect(formatMoney({ amount, currency }, locale).replace(/\s/g, ' ')).toBe(shown);
});
