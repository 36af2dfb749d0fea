import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../shared/downstream/endpoint.ts';
import { requestTargetOf } from '../../shared/downstream/request-target.ts';
import { isId } from '../../shared/id.ts';

const endpoint: Endpoint = { service: 'shop', method: 'GET', route: '/things', identity: 'service', query: ['ids'] };

test('ids stand beside each other in one batch, and none makes it another’s', () => {
  const id = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string()).filter(isId);
  fc.assert(
    fc.property(fc.array(id, { minLength: 1, maxLength: 5 }), (ids) => {
      const path = requestTargetOf(endpoint).pathOf({ query: { ids } });
      expect(new URL(path, 'http://shop.test').searchParams.get('ids')?.split(',')).toEqual(ids);
    }),
  );
});

test.each([[''], ['a,b'], ['a\u0000'], ['\ud800'], ['x'.repeat(129)], [42], [null], [undefined]])(
  '%j is none',
  (value) => {
    expect(isId(value)).toBe(false);
  },
);
