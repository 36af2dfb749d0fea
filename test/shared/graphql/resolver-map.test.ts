import { GraphQLScalarType } from 'graphql';
import { expect, it } from 'vitest';
import { mergeResolvers } from '../../../shared/graphql/resolver-map.ts';

const one = () => 1;

it('merges the fields of a type that several maps resolve', () => {
  const merged = mergeResolvers({ Query: { a: one } }, { Product: { price: one } }, { Query: { b: one } });
  expect(merged).toEqual({ Query: { a: one, b: one }, Product: { price: one } });
});

it('refuses a field that is resolved twice, whichever two of them do it', () => {
  expect(() => mergeResolvers({ Query: { a: one } }, { Product: { b: one } }, { Query: { a: one } })).toThrow(
    'Query.a is resolved twice',
  );
});

it('refuses a scalar that is given twice', () => {
  const scalar = new GraphQLScalarType({ name: 'Day' });
  expect(() => mergeResolvers({ Day: scalar }, { Day: scalar })).toThrow('Day is resolved twice');
});
