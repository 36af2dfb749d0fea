import {
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getNamedType,
  Kind,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { ManifestOperation } from './manifest.ts';

/** Why a document no longer holds against a schema. */
export interface DocumentProblem {
  readonly operation: string;
  /** The field at fault: `Product.price`; the operation itself where the fault lies in a variable or a fragment. */
  readonly field: string;
  readonly message: string;
}

/** Holds a document against a schema, as the server does before it runs it. */
export function checkDocument(schema: GraphQLSchema, operation: ManifestOperation): DocumentProblem[] {
  const document = parse(operation.body);
  const fields = mapFields(schema, document);
  return validate(schema, document).map((error) => ({
    operation: operation.name,
    field: findField(error, fields) ?? operation.name,
    message: error.message,
  }));
}

/** For every node of a document the field of the schema that it stands in. */
function mapFields(schema: GraphQLSchema, document: DocumentNode): ReadonlyMap<ASTNode, string> {
  const typeInfo = new TypeInfo(schema);
  const fields = new Map<ASTNode, string>();
  const trail: string[] = [];
  const visitor = {
    enter(node: ASTNode) {
      if (node.kind === Kind.FIELD) {
        trail.push(`${getNamedType(typeInfo.getParentType())?.name ?? '?'}.${node.name.value}`);
      }
      const field = trail.at(-1);
      if (field !== undefined) fields.set(node, field);
    },
    leave(node: ASTNode) {
      if (node.kind === Kind.FIELD) trail.pop();
    },
  };
  visit(document, visitWithTypeInfo(typeInfo, visitor));
  return fields;
}

function findField(error: GraphQLError, fields: ReadonlyMap<ASTNode, string>): string | undefined {
  return error.nodes?.map((node) => fields.get(node)).find((field) => field !== undefined);
}
