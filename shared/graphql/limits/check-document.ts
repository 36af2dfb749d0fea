import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { RequestRefusal } from '../request-refusal.ts';
import { listTooLong, maxListItems } from './check-variables.ts';
import type { DocumentLimits } from './document-limits.ts';
import { countDirectives, findIntrospection, measureDocument } from './document-size.ts';
import { countFieldPairs } from './field-pairs.ts';

export interface CheckDocumentOptions {
  readonly limits: DocumentLimits;
  readonly allowsIntrospection: boolean;
}

/**
 * Holds a document that was only parsed against the limits: validation of a hostile one would cost more than it may.
 *
 * @throws RequestRefusal - `DOCUMENT_LIMIT_EXCEEDED`, `INTROSPECTION_DISABLED`, `GRAPHQL_VALIDATION_FAILED`, or
 * `BAD_USER_INPUT` for a list that is too long.
 */
export function checkDocument(document: DocumentNode, { limits, allowsIntrospection }: CheckDocumentOptions): void {
  const sizes = measureDocument(document);
  for (const [node, size] of sizes) {
    refuseAbove(limits.maxSelections, { what: 'selections', count: size.selections, node });
    if (node.kind === Kind.FRAGMENT_DEFINITION) continue;
    refuseAbove(limits.maxDepth, { what: 'levels of fields', count: size.depth, node });
    refuseAbove(limits.maxAliases, { what: 'aliases', count: size.aliases, node });
    refuseAbove(limits.maxRootFields, { what: 'fields at its root', count: size.rootFields, node });
  }
  refuseRepetitions([...sizes.keys()], limits.maxFieldPairs);
  refuseAbove(limits.maxDirectives, { what: 'directives', count: countDirectives(document) });
  const introspection = allowsIntrospection ? undefined : findIntrospection(document);
  if (introspection !== undefined) {
    throw new RequestRefusal(
      'INTROSPECTION_DISABLED',
      'The schema is not told here: read it from schema/generated, or from a server in development.',
      { at: { nodes: [introspection] } },
    );
  }
  refuseNamesAndLists(document);
}

interface Measured {
  /** In the client's words. */
  readonly what: string;
  readonly count: number;
  readonly node?: ASTNode;
}

function refuseAbove(limit: number, { what, count, node }: Measured): void {
  if (count <= limit) return;
  const message = `The document has ${count} ${what}; at most ${limit} are served.`;
  throw new RequestRefusal('DOCUMENT_LIMIT_EXCEEDED', message, node === undefined ? {} : { at: { nodes: [node] } });
}

function refuseRepetitions(
  definitions: ReadonlyArray<OperationDefinitionNode | FragmentDefinitionNode>,
  limit: number,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  for (const definition of definitions) {
    const pairs = countFieldPairs(definition.selectionSet, fragments, limit);
    refuseAbove(limit, { what: 'repetitions of fields', count: pairs, node: definition });
  }
}

function refuseNamesAndLists(document: DocumentNode): void {
  visit(document, {
    ListValue(node) {
      if (node.values.length <= maxListItems) return;
      throw new RequestRefusal('BAD_USER_INPUT', `${listTooLong}; this one has ${node.values.length}.`, {
        at: { nodes: [node] },
      });
    },
    // A response key or variable of this name would set an object's prototype instead of a member.
    Name(node) {
      if (node.value !== '__proto__') return;
      throw new RequestRefusal('GRAPHQL_VALIDATION_FAILED', 'The name "__proto__" is not served.', {
        at: { nodes: [node] },
      });
    },
  });
}
