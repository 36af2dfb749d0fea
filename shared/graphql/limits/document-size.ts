import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What an operation or fragment comes to once its fragments are expanded. */
export interface DocumentSize {
  /** Fields, inline fragments and spreads. */
  readonly selections: number;
  readonly aliases: number;
  /** Fields at its own level. */
  readonly rootFields: number;
  /** Fields within fields; what lies below `__schema` and `__type` does not count. */
  readonly depth: number;
}

const nothing: DocumentSize = { selections: 0, aliases: 0, rootFields: 0, depth: 0 };

/**
 * Measures every operation and fragment of a document that was only parsed. Each fragment is measured once, however often
 * it is spread, so that a document which would expand to millions of fields costs no more than its text; a fragment within
 * itself counts as empty, and validation refuses it.
 */
export function measureDocument(
  document: DocumentNode,
): ReadonlyMap<OperationDefinitionNode | FragmentDefinitionNode, DocumentSize> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, DocumentSize>();
  const sizes = new Map<OperationDefinitionNode | FragmentDefinitionNode, DocumentSize>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) sizes.set(definition, measure(definition.selectionSet));
    if (definition.kind === Kind.FRAGMENT_DEFINITION) sizes.set(definition, measureFragment(definition.name.value));
  }
  return sizes;

  function measureFragment(name: string): DocumentSize {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment === undefined ? nothing : measure(fragment.selectionSet);
    measured.set(name, size);
    return size;
  }

  function measure({ selections }: SelectionSetNode): DocumentSize {
    const total = { selections: 0, aliases: 0, rootFields: 0, depth: 0 };
    for (const selection of selections) {
      total.selections += 1;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet === undefined ? nothing : measure(selection.selectionSet);
        const isMeta = selection.name.value === '__schema' || selection.name.value === '__type';
        total.selections += below.selections;
        total.aliases += below.aliases + (selection.alias === undefined ? 0 : 1);
        total.rootFields += 1;
        total.depth = Math.max(total.depth, 1 + (isMeta ? 0 : below.depth));
        continue;
      }
      const inside =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : measure(selection.selectionSet);
      total.selections += inside.selections;
      total.aliases += inside.aliases;
      total.rootFields += inside.rootFields;
      total.depth = Math.max(total.depth, inside.depth);
    }
    return total;
  }
}

/** How many directives a document writes down. */
export function countDirectives(document: DocumentNode): number {
  let count = 0;
  visit(document, {
    Directive() {
      count += 1;
    },
  });
  return count;
}

/** The first node that asks for the schema itself. */
export function findIntrospection(document: DocumentNode): ASTNode | undefined {
  let found: ASTNode | undefined;
  visit(document, {
    Field(node) {
      if (node.name.value === '__schema' || node.name.value === '__type') found ??= node;
    },
  });
  return found;
}
