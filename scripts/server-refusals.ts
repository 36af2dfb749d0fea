import type { GraphQLSchema } from 'graphql';
import { createDocumentReader } from '../shared/graphql/documents/document-reader.ts';
import { createOperationPreparer, type Operation } from '../shared/graphql/execution/operation.ts';
import { defaultDocumentLimits } from '../shared/graphql/limits/document-limits.ts';
import type { ManifestOperation } from './manifest.ts';

/** Builds the function that says what a client's server in production would refuse a document for, whatever its variables: it is the server's own reader. */
export function createRefusalFinder(
  schema: GraphQLSchema,
  costLimit: number,
): (operation: ManifestOperation) => string[] {
  const limits = defaultDocumentLimits;
  const prepare = createOperationPreparer(schema, limits.maxSelections);
  const read = createDocumentReader({ schema, prepare, limits, allowsIntrospection: false });
  return ({ id, name, body }) => {
    const document = read(id, body);
    if (document.kind === 'refused') return document.refusals.map(({ message }) => `${name}: ${message}`);
    return document.operations
      .map(leastCost)
      .filter((cost) => cost > costLimit)
      .map((cost) => `${name}: It costs at least ${cost}; at most ${costLimit} is served.`);
  };
}

/** With every length that a variable says at 1. */
function leastCost({ definition, costOf }: Operation): number {
  const names = definition.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  return costOf(Object.fromEntries(names.map((name) => [name, 1])));
}
