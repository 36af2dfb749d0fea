import { type DirectiveNode, type DocumentNode, Kind, type SelectionNode, visit } from 'graphql';

/** The conditions of a document: which of its fields there are, they decide. */
export interface Conditions {
  readonly isConditional: boolean;
  /** The variables that they read. */
  readonly variables: readonly string[];
}

/** Finds every `@skip` and `@include`. */
export function findConditions(document: DocumentNode): Conditions {
  const variables = new Set<string>();
  let isConditional = false;
  visit(document, {
    Directive(node) {
      const value = conditionOf(node);
      isConditional ||= value !== undefined;
      if (value?.kind === Kind.VARIABLE) variables.add(value.name.value);
    },
  });
  return { isConditional, variables: [...variables] };
}

/** Whether a selection is included, once the variables of the conditions are known. */
export function isIncludedBy(variables: Readonly<Record<string, unknown>>): (node: SelectionNode) => boolean {
  return (node) => {
    for (const directive of node.directives ?? []) {
      const value = conditionOf(directive);
      if (value === undefined) continue;
      const holds =
        value.kind === Kind.VARIABLE ? variables[value.name.value] : value.kind === Kind.BOOLEAN && value.value;
      if (holds !== (directive.name.value === 'include')) return false;
    }
    return true;
  };
}

function conditionOf({ name, arguments: given }: DirectiveNode) {
  if (name.value !== 'skip' && name.value !== 'include') return undefined;
  return given?.find((argument) => argument.name.value === 'if')?.value;
}
