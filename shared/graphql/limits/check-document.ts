import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql';
import { RequestRefusal } from '../request-refusal.ts';
import type { DocumentLimits } from './document-limits.ts';
import { countDirectives, type DocumentSize, findIntrospection, measureDocument } from './document-size.ts';

export interface CheckDocumentOptions {
  readonly limits: DocumentLimits;
  readonly allowsIntrospection: boolean;
}

/**
 * Holds a document that was only parsed against the limits: validation of a hostile one would cost more than it may.
 *
 * @throws RequestRefusal - `DOCUMENT_LIMIT_EXCEEDED`, `INTROSPECTION_DISABLED` or `GRAPHQL_VALIDATION_FAILED`.
 */
export function checkDocument(document: DocumentNode, { limits, allowsIntrospection }: CheckDocumentOptions): void {
  for (const [definition, size] of measureDocument(document)) {
    refuseAbove(size, 'selections', limits.maxSelections, definition);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    refuseAbove(size, 'depth', limits.maxDepth, definition);
    refuseAbove(size, 'aliases', limits.maxAliases, definition);
    refuseAbove(size, 'rootFields', limits.maxRootFields, definition);
  }
  const directives = countDirectives(document);
  if (directives > limits.maxDirectives) throw limitExceeded('directives', directives, limits.maxDirectives);
  const introspection = allowsIntrospection ? undefined : findIntrospection(document);
  if (introspection !== undefined) {
    throw new RequestRefusal(
      'INTROSPECTION_DISABLED',
      'The schema is not told here: read it from schema/generated, or from a server in development.',
      { at: { nodes: [introspection] } },
    );
  }
  refuseReservedNames(document);
}

const words = {
  selections: 'selections',
  depth: 'levels of fields',
  aliases: 'aliases',
  rootFields: 'fields at its root',
};

function refuseAbove(size: DocumentSize, what: keyof DocumentSize, limit: number, node: ASTNode): void {
  if (size[what] > limit) throw limitExceeded(words[what], size[what], limit, node);
}

function limitExceeded(what: string, count: number, limit: number, node?: ASTNode): RequestRefusal {
  return new RequestRefusal(
    'DOCUMENT_LIMIT_EXCEEDED',
    `The document has ${count} ${what}; at most ${limit} are served.`,
    {
      ...(node === undefined ? {} : { at: { nodes: [node] } }),
    },
  );
}

// A response key or variable of this name would set an object's prototype instead of a member.
function refuseReservedNames(document: DocumentNode): void {
  visit(document, {
    Name(node) {
      if (node.value !== '__proto__') return;
      throw new RequestRefusal('GRAPHQL_VALIDATION_FAILED', 'The name "__proto__" is not served.', {
        at: { nodes: [node] },
      });
    },
  });
}
