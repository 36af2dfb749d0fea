import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLScalarType,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
} from 'graphql';

type FieldResolver = GraphQLFieldResolver<unknown, unknown>;

/**
 * The schema that a server executes: its full generated SDL with the resolvers hung onto it. Unions and interfaces tell their
 * members apart by the model's `__typename`.
 *
 * @throws Error for a resolver whose type or field the SDL does not have.
 */
export function createExecutableSchema(sdl: string, resolvers: object): GraphQLSchema {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  for (const [typeName, definition] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (isScalarType(type)) {
      const { serialize, parseValue, parseLiteral } = definition as GraphQLScalarType;
      Object.assign(type, { serialize, parseValue, parseLiteral });
    } else if (isObjectType(type)) {
      const fields = type.getFields();
      for (const [fieldName, resolve] of Object.entries(definition as Record<string, FieldResolver>)) {
        const field = fields[fieldName];
        if (!field)
          throw new Error(`There is a resolver for ${typeName}.${fieldName}, but the schema has no such field.`);
        field.resolve = resolve;
      }
    } else {
      throw new Error(`There are resolvers for ${typeName}, but the schema has no such type.`);
    }
  }
  return schema;
}
