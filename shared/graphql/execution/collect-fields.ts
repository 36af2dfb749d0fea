import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface CollectOptions {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** By its `@skip` and `@include`. */
  isIncluded(node: SelectionNode): boolean;
}

/** The fields that a selection asks of one object type, by response key, in the order of the answer; GraphQL specification, 6.3.2. */
export function collectFields(
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
  options: CollectOptions,
): ReadonlyMap<string, FieldNode[]> {
  const collected = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const selectionSet of selectionSets) collectInto(selectionSet);
  return collected;

  function collectInto(selectionSet: SelectionSetNode): void {
    for (const selection of selectionSet.selections) {
      if (!options.isIncluded(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = collected.get(key);
        if (nodes === undefined) collected.set(key, [selection]);
        else nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection)) collectInto(selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = options.fragments[selection.name.value];
        if (fragment !== undefined && applies(fragment)) collectInto(fragment.selectionSet);
      }
    }
  }

  function applies({ typeCondition }: InlineFragmentNode | FragmentDefinitionNode): boolean {
    if (typeCondition === undefined) return true;
    const condition = options.schema.getType(typeCondition.name.value);
    return condition === type || (isAbstractType(condition) && options.schema.isSubType(condition, type));
  }
}
