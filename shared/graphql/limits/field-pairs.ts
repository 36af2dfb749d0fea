import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** A selection with the fragments around it, so that one within itself ends. */
interface Scope {
  readonly selectionSet: SelectionSetNode;
  readonly inside: readonly string[];
}

/** Some 5 ms: the largest document that is served has 10,000 selections. */
const maxVisits = 20_000;

/**
 * How many pairs of fields validation has to compare, for fields of one response key at one place must not differ. It grows
 * with the square of the repetitions: 4 KB that ask for one field 190 times took 160 ms. Counting stops above `limit`, which is also
 * said of what takes longer to count than it may.
 */
export function countFieldPairs(
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limit: number,
): number {
  let pairs = 0;
  let visits = 0;
  countMerged([{ selectionSet, inside: [] }]);
  return pairs;

  function countMerged(scopes: readonly Scope[]): void {
    const byKey = new Map<string, Array<{ node: FieldNode; inside: readonly string[] }>>();
    const spread = new Set<string>();
    for (const scope of scopes) collect(scope.selectionSet, scope.inside);
    for (const same of byKey.values()) {
      pairs += (same.length * (same.length - 1)) / 2;
      if (pairs > limit) return;
      const below = same.flatMap(({ node, inside }) =>
        node.selectionSet ? [{ selectionSet: node.selectionSet, inside }] : [],
      );
      if (below.length > 0) countMerged(below);
    }

    function collect({ selections }: SelectionSetNode, inside: readonly string[]): void {
      for (const selection of selections) {
        // Fragments that spread each other in every order have no pair, and no end either.
        visits += 1;
        if (visits > maxVisits) pairs = limit + 1;
        if (pairs > limit) return;
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const same = byKey.get(key);
          if (same === undefined) byKey.set(key, [{ node: selection, inside }]);
          else same.push({ node: selection, inside });
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet, inside);
        } else {
          const name = selection.name.value;
          const fragment = fragments.get(name);
          if (fragment === undefined || spread.has(name) || inside.includes(name)) continue;
          spread.add(name);
          collect(fragment.selectionSet, [...inside, name]);
        }
      }
    }
  }
}
