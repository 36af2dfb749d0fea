import type { GraphQLScalarType } from 'graphql';

/** Resolvers by type and field, as codegen types them for one schema. */
type AnyResolvers = { readonly [type: string]: unknown };

type FieldResult<R> = R extends (...args: never) => infer Result ? Awaited<Result> : unknown;

type AnyFunction = (...args: never) => unknown;

/** Whether a model can answer for a field by itself: it has a property of that name, of the field's own shape. */
type IsCovered<Model, Field extends PropertyKey, Resolver> = string extends keyof Model
  ? false
  : Field extends keyof Model
    ? [Exclude<Model[Field], undefined>] extends [FieldResult<Extract<Resolver, AnyFunction>>]
      ? true
      : false
    : false;

type NeededFields<Model, FieldResolvers> = {
  [Field in keyof FieldResolvers as Field extends '__isTypeOf' | '__resolveType'
    ? never
    : IsCovered<Model, Field, NonNullable<FieldResolvers[Field]>> extends true
      ? never
      : Field]-?: NonNullable<FieldResolvers[Field]>;
};

type NeededTypes<Parents, Resolvers> = {
  [Type in keyof Resolvers & keyof Parents as NonNullable<Resolvers[Type]> extends GraphQLScalarType
    ? never
    : keyof NeededFields<Parents[Type], NonNullable<Resolvers[Type]>> extends never
      ? never
      : Type]-?: NeededFields<Parents[Type], NonNullable<Resolvers[Type]>>;
};

/**
 * What a client's merged map must hold: a resolver for every field whose model lacks it or holds another shape. `Parents` and
 * `Resolvers` are that client's generated `ResolversParentTypes` and `Resolvers`.
 */
export type CompleteResolvers<Parents, Resolvers> = NeededTypes<Parents, Resolvers>;

type Merged<Maps> = Maps extends readonly [infer First, ...infer Others] ? First & Merged<Others> : unknown;

/**
 * Several domains' resolvers, or the shared ones and a client's own, as one map.
 *
 * @throws Error where two of them define the same field: which of them runs would depend on the order.
 */
export function mergeResolvers<Maps extends readonly object[]>(...maps: Maps): Merged<Maps> {
  const merged: Record<string, unknown> = {};
  for (const [type, fields] of maps.flatMap((map) => Object.entries(map as AnyResolvers))) {
    const known = merged[type];
    if (isFieldMap(known) && isFieldMap(fields)) {
      const twice = Object.keys(fields).find((field) => field in known);
      if (twice !== undefined) throw new Error(`${type}.${twice} is resolved twice: let one of the two go.`);
      merged[type] = { ...known, ...fields };
    } else if (known === undefined) {
      merged[type] = fields;
    } else {
      throw new Error(`${type} is resolved twice: let one of the two go.`);
    }
  }
  return merged as Merged<Maps>;
}

function isFieldMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
