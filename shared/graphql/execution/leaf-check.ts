import { type GraphQLLeafType, isEnumType } from 'graphql';

/** Whether a value is its own serialized form, so that `serialize` need not be called. */
export type IsSerialized = (value: unknown) => boolean;

/**
 * The check for one leaf type. `serialize` of the built-in scalars coerces and throws, which costs more than these checks on
 * the values that services send; whatever they do not recognise still goes to `serialize`.
 */
export function createLeafCheck(type: GraphQLLeafType): IsSerialized {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().flatMap(({ name, value }) => (value === name ? [name] : [])));
    return (value) => names.has(value);
  }
  switch (type.name) {
    case 'ID':
    case 'String':
      return (value) => typeof value === 'string';
    case 'Int':
      return (value) => typeof value === 'number' && (value | 0) === value;
    case 'Float':
      return (value) => typeof value === 'number' && Number.isFinite(value);
    case 'Boolean':
      return (value) => typeof value === 'boolean';
    default:
      return () => false;
  }
}
