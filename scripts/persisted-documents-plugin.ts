import { createHash } from 'node:crypto';
import type { PluginFunction } from '@graphql-codegen/plugin-helpers';
import { concatAST, Kind, print, separateOperations } from 'graphql';

/** Writes a client's documents as a persisted-query manifest in Apollo's format, one entry an operation, with the fragments that it uses. */
export const plugin: PluginFunction = (_schema, documents) => {
  const all = concatAST(documents.flatMap(({ document }) => (document ? [document] : [])));
  const operations = Object.entries(separateOperations(all)).map(([name, document]) => {
    if (name === '')
      throw new Error('Every operation in schema/operations needs a name: the manifest lists it by name.');
    const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const body = print(document);
    return {
      id: `sha256:${createHash('sha256').update(body).digest('hex')}`,
      name,
      type: operation?.operation ?? 'query',
      body,
    };
  });
  operations.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }, null, 2)}\n`;
};
